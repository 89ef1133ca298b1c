"""Effective marks (docs/scoring.md §5.3)."""

from fractions import Fraction
from math import sqrt

import pytest

from shared.scoring.cut_lines.effective import EffectiveMethod, effective_marks, effective_table
from tests.scoring.spec.cut_lines.track import drawn, line, pairs

ROWS = pairs((9, 5), (8, 6), (7, 7), (6, 2), (9, 1), (1, 1), ("absent", 10))
# Totals 14 14 14 8 10 2; at or above 12 are three.


def effective(rows, mark, method=EffectiveMethod.SAME_COUNT):
    found = effective_marks(*drawn(rows, line(mark)), method=method)
    return {one.subject.code: one for one in found}


def test_same_count_is_the_highest_mark_that_as_many_reach():
    found = effective(ROWS, "12")
    assert found["math"].n_online == found["art"].n_online == 3
    assert found["math"].mark == 8  # 9 9 8 | 7 6 1
    assert found["art"].mark == 5  # 7 6 5 | 2 1 1; the 10 of a candidate without a total does not count
    assert found["math"].n == 6


def test_ties_at_the_mark_are_all_in():
    found = effective(pairs((9, 9), (8, 1), (8, 2), (8, 3)), "18")
    assert found["math"].mark == 9
    found = effective(pairs((9, 9), (8, 9), (8, 2), (8, 3)), "17")
    assert found["math"].mark == 8


def test_mean_share_divides_the_line_as_the_online_divide_their_totals():
    found = effective(ROWS, "12", EffectiveMethod.MEAN_SHARE)
    assert found["math"].mark == 12 * Fraction(9 + 8 + 7, 3) / Fraction(14 + 14 + 14, 3)
    assert found["art"].mark == 12 * Fraction(5 + 6 + 7, 14 + 14 + 14)
    # 6.857… and 5.142…: the first marks on the grids of halves and of whole marks that reach them.
    assert (found["math"].units, found["art"].units) == (14, 6)


def test_mean_share_and_line_add_up():
    found = effective(ROWS, "9.7", EffectiveMethod.MEAN_SHARE)
    assert sum(one.mark for one in found.values()) == Fraction("9.7")


def test_its_interval_is_the_ratio_estimators():
    found = effective(ROWS, "12", EffectiveMethod.MEAN_SHARE)["math"]
    share = 24 / 42
    residuals = [9 - share * 14, 8 - share * 14, 7 - share * 14]
    se = 12 / 14 * sqrt(sum(value**2 for value in residuals) / (3 - 1)) / sqrt(3)
    assert found.high - float(found.mark) == pytest.approx(1.959963984540054 * se)
    assert float(found.mark) - found.low == pytest.approx(1.959963984540054 * se)


def test_the_interval_of_same_count_holds_the_marks_at_wilsons_limits():
    found = effective(ROWS, "12")["math"]
    # 3 of 6: Wilson's limits are 0.188 and 0.812, hence between 2 and 5 candidates.
    assert (found.low, found.high) == (6, 9)


def test_nobody_online_has_no_effective_mark():
    for method in EffectiveMethod:
        found = effective(ROWS, "20", method)["math"]
        assert (found.n_online, found.mark, found.units, found.low, found.high) == (0, None, None, None, None)


def test_one_candidate():
    one = effective(pairs((9, 5)), "12")["math"]
    assert (one.mark, one.low, one.high) == (9, 9, 9)
    share = effective(pairs((9, 5)), "12", EffectiveMethod.MEAN_SHARE)["math"]
    assert share.mark * 14 == 12 * 9
    assert share.low is None


def test_a_line_of_0_on_totals_of_0_has_no_share():
    assert effective(pairs((0, 0)), "0", EffectiveMethod.MEAN_SHARE)["math"].mark is None
    assert effective(pairs((0, 0)), "0")["math"].mark == 0


def test_as_a_frame():
    summary, lines = drawn(ROWS, line("12"))
    table = effective_table(effective_marks(summary, lines))
    assert table.select("track", "line", "subject", "method", "n", "n_online", "effective_mark").rows() == [
        ("physics", "undergraduate", "math", "same_count", 6, 3, 8),
        ("physics", "undergraduate", "art", "same_count", 6, 3, 5),
    ]
    assert effective_table(effective_marks(*drawn(ROWS, line("20"))))["effective_mark"].to_list() == [None, None]
    assert effective_table(()).is_empty()
