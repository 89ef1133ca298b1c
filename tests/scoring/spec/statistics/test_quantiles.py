"""Quantiles of type 7 (docs/scoring.md §2.2)."""

from math import isnan

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.quantiles import quantiles
from shared.scoring.summaries.mark_view import MarkView
from tests.scoring.builders import TEN, math_histogram

PLAN = AnalysisPlan(outcomes=(TEN,))


def figures(*cells):
    return {name: values[0] for name, values in quantiles(MarkView(math_histogram(*cells)), PLAN).items()}


def test_quantiles_lie_between_order_statistics():
    # n = 5: h = 4p, so p10 lies 0.4 of the way from the first to the second mark.
    assert figures(1, 2, 4, 8, 10) == {
        "p10": 1 + 0.4 * (2 - 1),
        "p25": 2,
        "p50": 4,
        "p75": 8,
        "p90": 8 + 0.6 * (10 - 8),
    }


def test_ties_are_marks_like_any_other():
    assert figures(3, 3, 3, 9)["p50"] == 3
    assert figures(3, 3, 9, 9)["p50"] == (3 + 9) / 2


def test_one_candidate_is_every_quantile():
    assert set(figures(7.5).values()) == {7.5}


def test_nobody_present_gives_no_quantile():
    assert all(isnan(value) for value in figures("absent").values())
