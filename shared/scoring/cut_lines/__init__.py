"""Cut lines (上线分析): observation only (SCORING §5).

The law comes first. Online rates, effective marks and all that follows from them serve the city's observation of itself
and a school's own look at itself. They are never a scored indicator, never a ground for reward or pay, never a quota or
target of a school, and never shown with a school's name to another school (总体方案 2020; 十项严禁 2018, item 9).
"""

from shared.scoring.cut_lines.borderline import borderline_candidates
from shared.scoring.cut_lines.effective import effective_marks
from shared.scoring.cut_lines.quadrants import quadrant_table
from shared.scoring.cut_lines.rates import online_rates
from shared.scoring.cut_lines.undergraduate import comprehensive_rates

CUT_LINE_FIGURES = (online_rates, comprehensive_rates, effective_marks, quadrant_table, borderline_candidates)
"""Every figure of this package, one per file, in the order of SCORING §5."""

__all__ = ["CUT_LINE_FIGURES"]
