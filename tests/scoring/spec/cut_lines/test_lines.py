"""Lines given and derived (docs/scoring.md §5.1)."""

from dataclasses import replace
from fractions import Fraction

import pytest

from shared.scoring.cut_lines.lines import CutLine
from shared.terms.errors import DomainError
from tests.scoring.spec.cut_lines.track import drawn, line, pairs

FIVE = pairs((9, 9), (8, 8), (8, 8), (6, 6), (5, 5), ("absent", 3))


def test_a_given_line_counts_who_is_at_or_above_it():
    _, (found,) = drawn(FIVE, line("16"))
    assert (found.mark, found.units, found.reached) == (16, 32, 3)


def test_a_line_between_two_marks_of_the_grid_is_compared_exactly():
    _, (found,) = drawn(FIVE, line("16.2"))
    assert (found.mark, found.units, found.reached) == (Fraction("16.2"), 33, 1)


@pytest.mark.parametrize(("headcount", "mark", "reached"), [(1, 18, 1), (2, 16, 3), (3, 16, 3), (4, 12, 4), (5, 10, 5)])
def test_a_line_from_a_headcount_is_the_highest_that_lets_so_many_in(headcount, mark, reached):
    _, (found,) = drawn(FIVE, line(headcount=headcount))
    assert (found.mark, found.reached) == (mark, reached)


def test_lines_stand_highest_first():
    _, found = drawn(FIVE, line("10", code="vocational"), line("17", code="special_control"), line(headcount=2))
    assert [drawn_line.line.code for drawn_line in found] == ["special_control", "undergraduate", "vocational"]


def test_a_line_of_another_track_never_steps_in():
    _, found = drawn(FIVE, replace(line("16"), track="history"))
    assert found == ()


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([line("16"), line("12")], "scoring.plan_duplicate"),
        ([line()], "scoring.line_definition"),
        ([line("16", headcount=3)], "scoring.line_definition"),
        ([line("-1")], "scoring.line_out_of_range"),
        ([line("20.5")], "scoring.line_out_of_range"),
        ([line("NaN")], "scoring.line_out_of_range"),
        ([line(headcount=0)], "scoring.line_headcount"),
        ([line(headcount=6)], "scoring.line_headcount"),
    ],
)
def test_lines_that_cannot_be_drawn_are_refused(lines, code):
    with pytest.raises(DomainError) as refused:
        drawn(FIVE, *lines)
    assert refused.value.code == "scoring.lines_invalid"
    assert [fault.code for fault in refused.value.faults] == [code]


def test_nobody_with_a_total_has_no_line_from_a_headcount():
    with pytest.raises(DomainError):
        drawn(pairs(("absent", 3)), CutLine(code="a", track="physics", headcount=1))
