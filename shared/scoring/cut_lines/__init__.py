"""Cut lines (上线分析): observation only (SCORING §5).

The law comes first. Online rates, effective marks and all that follows from them serve the city's observation of itself
and a school's own look at itself. They are never a scored indicator, never a ground for reward or pay, never a quota or
target of a school, and never shown with a school's name to another school (总体方案 2020; 十项严禁 2018, item 9).
"""
