"""Attainment by item, knowledge point and competency (docs/scoring.md §7.6)."""

import math

import pytest

from shared.scoring.items.attainment import attainment
from shared.terms.organization import OrgLevel
from tests.scoring.item_builders import item_summary, paper, tagged

PLAN = tagged(
    paper(2, 4, 4),
    q1={"knowledge_points": ("sets",), "competencies": ("recall",)},
    q2={"knowledge_points": ("sets", "limits")},
    q3={"competencies": ("recall",)},
)
ROWS = [(2, 4, 1), (0, 2, 4), (1, 1, 0.5), (2, 3, 3), "absent"]
PLACES = [("k1", "s1", "1"), ("k1", "s1", "2"), ("k1", "s2", "1"), ("k2", "s3", "1"), ("k2", "s3", "1")]


def figures(level, code, plan=PLAN, rows=ROWS, places=PLACES, aspect=None):
    table = attainment(item_summary(rows, plan, places=places)).to_dicts()
    return [
        row for row in table if row["level"] == level and row["aspect_code"] == code and aspect in (None, row["aspect"])
    ]


def test_marks_earned_over_marks_to_be_had():
    assert figures("city", "sets")[0]["attainment"] == pytest.approx((6 + 2 + 2 + 5) / (4 * 6))
    assert figures("city", "limits")[0]["attainment"] == pytest.approx((4 + 2 + 1 + 3) / (4 * 4))
    assert figures("city", "recall")[0]["attainment"] == pytest.approx((3 + 4 + 1.5 + 5) / (4 * 6))
    assert figures("city", "total")[0]["attainment"] == pytest.approx((7 + 6 + 2.5 + 8) / (4 * 10))
    assert [row["attainment"] for row in figures("school", "q1")] == pytest.approx([2 / 4, 1 / 2, 2 / 2])
    assert [row["attainment"] for row in figures("class", "q3")] == pytest.approx([1 / 4, 4 / 4, 0.5 / 4, 3 / 4])


def test_standard_error_of_the_sums_over_the_aspect():
    row = figures("county", "sets")[0]
    marks = [6, 2, 2]
    sd = math.sqrt(sum((mark - 10 / 3) ** 2 for mark in marks) / 2)
    assert row["se"] == pytest.approx(sd / math.sqrt(3) / 6)
    assert row["ci_low"] == pytest.approx(max(10 / 18 - 1.959963984540054 * row["se"], 0))
    assert row["ci_high"] == pytest.approx(10 / 18 + 1.959963984540054 * row["se"])


def test_gap_to_the_city_and_its_error_without_the_group_itself():
    row = figures("school", "total")[0]
    own, rest = [7, 6], [2.5, 8]
    assert row["reference_attainment"] == pytest.approx(23.5 / 40)
    assert row["gap"] == pytest.approx(13 / 20 - 23.5 / 40)

    def se(marks):
        mean = sum(marks) / 2
        return math.sqrt(sum((mark - mean) ** 2 for mark in marks) / 2) / 10

    expected = (1 - 2 / 4) * math.sqrt(se(own) ** 2 + se(rest) ** 2)
    assert row["gap_se"] == pytest.approx(expected)
    assert row["gap_ci_high"] == pytest.approx(row["gap"] + 1.959963984540054 * expected)


def test_the_county_can_be_the_reference():
    plan = tagged(paper(2, 4, 4, reference=OrgLevel.COUNTY))
    schools = figures("school", "total", plan=plan)
    assert schools[0]["reference_attainment"] == pytest.approx(15.5 / 30)
    assert [row["gap"] for row in figures("county", "total", plan=plan)] == [None, None]
    # The only school of its county has nobody to be compared with.
    assert (schools[2]["reference_attainment"], schools[2]["gap"]) == (0.8, None)


def test_groups_without_marks():
    table = figures("school", "q1", rows=[(1, 1, 1), "absent"], places=[PLACES[0], PLACES[3]])
    assert [(row["n_registered"], row["n_sat"], row["attainment"]) for row in table] == [(1, 1, 0.5), (1, 0, None)]
    assert table[0]["se"] is table[0]["gap_se"] is None


def test_equal_marks_have_no_error():
    rows = [(1.5, 1, 1)] * 3
    assert figures("city", "q1", rows=rows, places=PLACES[:3])[0]["se"] == 0


def test_small_groups_are_marked_and_what_would_give_them_away():
    plan = tagged(paper(2, 4, 4, min_n=2))
    # One candidate present in the second county: the first is withheld with it, and all that is below.
    assert [row["suppression"] for row in figures("county", "q1", plan=plan)] == ["complementary", "primary"]
    assert [row["suppression"] for row in figures("school", "q1", plan=plan)] == ["inherited", "primary", "primary"]


def test_only_the_levels_asked_for():
    plan = tagged(paper(2, 4, 4, levels=(OrgLevel.CITY, OrgLevel.SCHOOL)))
    table = attainment(item_summary(ROWS, plan, places=PLACES))
    assert set(table["level"]) == {"city", "school"}
