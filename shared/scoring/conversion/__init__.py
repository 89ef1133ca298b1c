"""Grade conversion of elective subjects (等级赋分) and the totals of the 3+1+2 examination (SCORING §4)."""
