"""Double and single online, hit rate, contribution rate (docs/scoring.md §5.4)."""

from math import sqrt

import pytest

from shared.scoring.cut_lines.effective import effective_marks
from shared.scoring.cut_lines.quadrants import quadrant_table
from shared.terms.organization import OrgLevel
from tests.scoring.spec.cut_lines.track import drawn, line, pairs

ROWS = [
    *pairs((9, 5), (8, 6), (7, 7), school="s1"),
    *pairs((6, 2), (9, 1), (1, 1), ("absent", 10), school="s2"),
]
COUNTS = ["n", "double_online", "total_only", "subject_only", "neither", "subject_online", "total_online"]


def quadrants(rows, mark, **options):
    summary, lines = drawn(rows, line(mark))
    return quadrant_table(summary, effective_marks(summary, lines), **options)


def test_the_four_quadrants():
    city = quadrants(ROWS, "12", levels=[OrgLevel.CITY]).filter(subject="math")
    # Math from 8: the third of the online has 7, and a 9 has a total of 10.
    assert city.select(COUNTS).row(0) == (6, 2, 1, 1, 2, 3, 3)
    assert city.select("effective_mark", "method").row(0) == (8, "same_count")


def test_who_stands_on_the_line_is_online():
    city = quadrants(pairs((9, 5), (8, 6)), "14", levels=[OrgLevel.CITY]).filter(subject="math")
    assert city.select(COUNTS).row(0) == (2, 2, 0, 0, 0, 2, 2)


def test_hit_rate_and_contribution_rate():
    city = quadrants(ROWS, "12", levels=[OrgLevel.CITY]).filter(subject="math").row(0, named=True)
    assert city["hit_rate"] == 2 / 3
    assert city["contribution_rate"] == 2 / 3
    assert city["hit_rate_se"] == pytest.approx(sqrt(2 / 3 * 1 / 3 / 3))
    assert city["hit_rate_ci_low"] < 2 / 3 < city["hit_rate_ci_high"]


def test_a_group_without_online_candidates_has_no_rates():
    school = quadrants(ROWS, "12", levels=[OrgLevel.SCHOOL], min_n=1).filter(subject="art", school_code="s2")
    assert school.select(COUNTS).row(0) == (3, 0, 0, 0, 3, 0, 0)
    assert school.select("hit_rate", "contribution_rate", "hit_rate_ci_low").row(0) == (None, None, None)


def test_small_groups_are_marked():
    found = quadrants(ROWS, "12", min_n=4)
    assert set(found.filter(level="school")["suppression"]) == {"primary"}
    assert not found.filter(level="city")["suppressed"].any()


def test_a_line_nobody_reaches_has_no_rows():
    assert quadrants(ROWS, "20").is_empty()
