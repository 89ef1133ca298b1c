"""Funnel points (docs/scoring.md §8.6)."""

from math import sqrt

import pytest

from shared.scoring.funnel import mean_points
from shared.scoring.levels import LEVELS
from shared.scoring.plan import AnalysisPlan
from shared.scoring.summaries.exam_summary import gather_summary
from shared.scoring.summaries.mark_histogram import level_histograms
from shared.scoring.summary_table import summarize
from shared.terms.organization import OrgLevel
from tests.scoring.builders import TEN, math_rows, sheet

PLAN = AnalysisPlan(outcomes=(TEN,), min_n=2)


def points(rows):
    summary = gather_summary(sheet(rows, PLAN), PLAN)
    histograms = level_histograms(summary.histograms.values(), LEVELS)
    found = mean_points(histograms["math", OrgLevel.SCHOOL], summarize(histograms, PLAN))
    return {row["school_code"]: row for row in found.iter_rows(named=True)}


def test_limits_are_those_of_chance_within_schools():
    found = points([*math_rows(4, 6, school="a"), *math_rows(8, 10, 9, school="b"), *math_rows("absent", school="c")])
    center = (4 + 6 + 8 + 10 + 9) / 5
    within = sqrt(((4 - 5) ** 2 + (6 - 5) ** 2 + (8 - 9) ** 2 + (10 - 9) ** 2 + 0) / (5 - 2))
    assert set(found) == {"a", "b"}
    assert found["a"]["center"] == pytest.approx(center)
    assert found["a"]["value"] == 5
    assert found["a"]["se"] == pytest.approx(within / sqrt(2))
    assert found["a"]["precision"] == pytest.approx(sqrt(2) / within)
    assert found["b"]["upper_95"] == pytest.approx(center + 1.959963984540054 * within / sqrt(3))
    assert found["b"]["lower_998"] == pytest.approx(center - 3.090232306167813 * within / sqrt(3))


def test_a_school_outside_is_told():
    found = points(
        [*math_rows(*[5, 5.5] * 20, school="a"), *math_rows(*[5, 5.5] * 20, school="b"), *math_rows(8, 9, school="c")]
    )
    assert found["c"]["is_outside_998"]
    assert found["c"]["is_outside_95"]
    assert not found["a"]["is_outside_998"]


def test_without_spread_within_schools_there_is_no_funnel():
    assert points([*math_rows(5, 5, school="a"), *math_rows(7, 7, school="b")]) == {}
    assert points([*math_rows(5, school="a"), *math_rows(7, school="b")]) == {}
