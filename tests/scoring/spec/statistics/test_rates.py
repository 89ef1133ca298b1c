"""Rates on both bases (docs/scoring.md §1.3, §2.3)."""

from dataclasses import replace
from decimal import Decimal
from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import binomtest

from shared.scoring.plan import AnalysisPlan, Direction, Rate
from shared.scoring.statistics.rates import rates, wilson_interval
from shared.scoring.summaries.mark_view import MarkView
from tests.scoring.builders import TEN, math_histogram

PLAN = AnalysisPlan(outcomes=(TEN,))


def figures(*cells, plan=PLAN):
    return {name: values[0] for name, values in rates(MarkView(math_histogram(*cells)), plan).items()}


def test_a_mark_on_the_threshold_is_excellent_good_or_passed_and_not_low():
    found = figures(8.5, 8, 7.5, 7, 6, 5.5, 4, 3.5)
    assert found["excellent_rate"] == 1 / 8
    assert found["good_rate"] == 3 / 8
    assert found["pass_rate"] == 5 / 8
    assert found["low_score_rate"] == 1 / 8


def test_on_basis_registered_the_absent_count_as_zero():
    found = figures(9, 9, 3, "absent", "void", "exempt")
    assert found["excellent_rate"] == 2 / 3
    assert found["excellent_rate_registered"] == 2 / 5
    assert found["excellent_participation_gap"] == 2 / 3 - 2 / 5
    assert found["low_score_rate"] == 1 / 3
    assert found["low_score_rate_registered"] == (1 + 2) / 5


def test_a_threshold_of_zero_is_reached_by_the_absent_too():
    plan = replace(PLAN, rates=(*PLAN.rates, Rate("any", Decimal(0)), Rate("none", Decimal(0), Direction.BELOW)))
    found = figures(0, "absent", plan=plan)
    assert (found["any_rate"], found["any_rate_registered"]) == (1, 1)
    assert (found["none_rate"], found["none_rate_registered"]) == (0, 0)


def test_standard_error_and_wilson_interval():
    found = figures(9, 9, 3, 3, 3)
    assert found["excellent_rate_se"] == pytest.approx(sqrt(0.4 * 0.6 / 5), rel=1e-14)
    wilson = binomtest(2, 5).proportion_ci(0.95, method="wilson")
    assert found["excellent_rate_ci_low"] == pytest.approx(wilson.low, rel=1e-12)
    assert found["excellent_rate_ci_high"] == pytest.approx(wilson.high, rel=1e-12)


def test_none_and_all_have_intervals_that_end_at_the_rate():
    low, high = wilson_interval(np.array([0, 5]), np.array([5, 5]))
    assert (low[0], high[1]) == (0, 1)
    assert 0 < high[0] < 1
    assert 0 < low[1] < 1


def test_nobody_present_gives_no_rate_but_all_absent_are_low_on_registered():
    found = figures("absent", "absent")
    assert isnan(found["pass_rate"])
    assert isnan(found["pass_participation_gap"])
    assert found["pass_rate_registered"] == 0
    assert found["low_score_rate_registered"] == 1


def test_thresholds_of_a_county_of_its_own():
    plan = replace(PLAN, rates=(Rate("excellent", Decimal("0.80")), Rate("pass", Decimal("0.70"))))
    found = figures(8, 7, 6.5, plan=plan)
    assert (found["excellent_rate"], found["pass_rate"]) == (1 / 3, 2 / 3)
