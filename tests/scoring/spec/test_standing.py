"""Standing of a candidate (docs/scoring.md §3)."""

from math import sqrt

import pytest
from scipy.stats import norm

from shared.scoring.plan import AnalysisPlan
from shared.scoring.standing import standings
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from tests.scoring.builders import TEN, histograms, math_rows, sheet

PLAN = AnalysisPlan(outcomes=(TEN,))


def look_up(rows, plan=PLAN):
    found = standings(sheet(rows, plan), histograms(rows, plan), plan)
    return found.filter(subject="math").sort("candidate_id")


def test_ties_share_the_smallest_rank():
    found = look_up(math_rows(9, 8, 8, 6, "absent"))
    assert found["city_rank"].to_list() == [1, 2, 2, 4, None]
    assert found["city_n"].to_list() == [4, 4, 4, 4, None]


def test_the_percentile_rank_counts_half_of_the_ties():
    found = look_up(math_rows(9, 8, 8, 6))
    assert found["city_percentile_rank"].to_list() == [
        100 * (3 + 0.5 * 1) / 4,
        100 * (1 + 0.5 * 2) / 4,
        100 * (1 + 0.5 * 2) / 4,
        100 * (0 + 0.5 * 1) / 4,
    ]


def test_z_t_and_normalized_t():
    found = look_up(math_rows(9, 8, 8, 6))
    mean = (9 + 8 + 8 + 6) / 4
    sd = sqrt(((9 - mean) ** 2 + 2 * (8 - mean) ** 2 + (6 - mean) ** 2) / 4)
    assert found["city_z_score"][0] == pytest.approx((9 - mean) / sd, rel=1e-14)
    assert found["city_t_score"][0] == pytest.approx(50 + 10 * (9 - mean) / sd, rel=1e-14)
    assert found["city_normalized_t_score"][0] == pytest.approx(50 + 10 * norm.ppf(0.875), rel=1e-14)


def test_equal_marks_have_z_zero_and_t_fifty():
    found = look_up(math_rows(7, 7, 7))
    assert found["city_z_score"].to_list() == [0, 0, 0]
    assert found["city_t_score"].to_list() == [50, 50, 50]
    assert found["city_normalized_t_score"].to_list() == [50, 50, 50]


def test_every_level_is_its_own_reference_group():
    rows = [
        *math_rows(9, county="k1", school="s1", **{"class": "1"}),
        *math_rows(7, county="k1", school="s1", **{"class": "2"}),
        *math_rows(8, county="k1", school="s2", **{"class": "1"}),
        *math_rows(10, county="k2", school="s3", **{"class": "1"}),
    ]
    ranks = look_up(rows).select("class_rank", "school_rank", "county_rank", "city_rank").rows()
    assert ranks == [(1, 1, 1, 2), (1, 2, 3, 4), (1, 1, 2, 3), (1, 1, 1, 1)]


def test_marks_and_statuses_are_repeated():
    found = look_up(math_rows(9.5, "void"))
    assert found["mark"].to_list() == [9.5, None]
    assert found["status"].to_list() == ["present", "void"]


def test_the_total_has_a_standing_too():
    plan = AnalysisPlan(outcomes=(TEN, Subject("art", full_mark=TEN.full_mark)))
    rows = [{"math": 9, "art": 1}, {"math": 4, "art": 8}, {"math": 9, "art": "absent"}]
    found = standings(sheet(rows, plan), histograms(rows, plan), plan).filter(subject="total")
    assert found.sort("candidate_id")["city_rank"].to_list() == [2, 1, None]


def test_a_candidate_who_was_not_counted_is_refused():
    tables = histograms(math_rows(9, 8), PLAN)
    for strangers in (math_rows(7), math_rows(9, school="elsewhere")):
        with pytest.raises(DomainError) as refused:
            standings(sheet(strangers, PLAN), tables, PLAN)
        assert refused.value.code == "scoring.unknown_mark"


def test_nobody_present_anywhere():
    found = look_up(math_rows("absent", "exempt"))
    assert found["city_rank"].to_list() == [None, None]
    with pytest.raises(DomainError):
        standings(sheet(math_rows(1), PLAN), histograms(math_rows("absent"), PLAN), PLAN)
