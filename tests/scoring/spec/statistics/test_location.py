"""Mean, spread and extremes (docs/scoring.md §2.1)."""

from math import isnan, sqrt

import pytest
from scipy.stats import t

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.location import location
from shared.scoring.summaries.mark_view import MarkView
from tests.scoring.builders import TEN, math_histogram

PLAN = AnalysisPlan(outcomes=(TEN,))


def figures(*cells):
    return {name: values[0] for name, values in location(MarkView(math_histogram(*cells)), PLAN).items()}


def test_figures_of_four_marks():
    found = figures(2, 4, 4, 7.5, "absent")
    mean = (2 + 4 + 4 + 7.5) / 4
    sd = sqrt(((2 - mean) ** 2 + 2 * (4 - mean) ** 2 + (7.5 - mean) ** 2) / (4 - 1))
    assert found["mean"] == mean
    assert found["sd"] == pytest.approx(sd, rel=1e-14)
    assert found["se_mean"] == pytest.approx(sd / sqrt(4), rel=1e-14)
    assert found["mean_ci_low"] == pytest.approx(mean - t.ppf(0.975, 3) * sd / 2, rel=1e-14)
    assert found["mean_ci_high"] == pytest.approx(mean + t.ppf(0.975, 3) * sd / 2, rel=1e-14)
    assert (found["min"], found["max"]) == (2, 7.5)
    assert found["score_rate"] == mean / 10
    assert found["coefficient_of_variation"] == pytest.approx(sd / mean, rel=1e-14)


def test_one_candidate_has_a_mean_and_no_spread():
    found = figures(6)
    assert (found["mean"], found["min"], found["max"]) == (6, 6, 6)
    assert all(isnan(found[name]) for name in ("sd", "se_mean", "mean_ci_low", "coefficient_of_variation"))


def test_equal_marks_have_exactly_no_spread():
    found = figures(*[6.5] * 7)
    assert (found["sd"], found["mean_ci_low"], found["coefficient_of_variation"]) == (0, 6.5, 0)


def test_a_mean_of_zero_has_no_coefficient_of_variation():
    assert isnan(figures(0, 0)["coefficient_of_variation"])


def test_nobody_present_gives_no_figure():
    assert all(isnan(value) for value in figures("absent", "void").values())
