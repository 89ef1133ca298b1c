"""Composite index (docs/scoring.md §2.4)."""

from dataclasses import replace
from decimal import Decimal
from math import isnan

import pytest

from shared.scoring.plan import AnalysisPlan, CompositeWeight
from shared.scoring.statistics.composite import composite
from shared.scoring.summaries.mark_view import MarkView
from tests.scoring.builders import TEN, math_histogram

PLAN = AnalysisPlan(outcomes=(TEN,))


def index(*cells, plan=PLAN):
    return composite(MarkView(math_histogram(*cells)), plan)["composite_index"][0]


def test_forty_for_the_score_rate_thirty_for_each_rate():
    # mean 7 of 10, two of four passed, one of four excellent
    assert index(10, 8, 5, 5) == pytest.approx(40 * 0.7 + 30 * (2 / 4) + 30 * (1 / 4))


def test_everything_right_is_one_hundred():
    assert index(10, 10) == pytest.approx(100)


def test_a_low_score_rate_may_subtract():
    weights = [("score_rate", "0.4"), ("pass", "0.3"), ("excellent", "0.3"), ("low_score", "-0.3")]
    plan = replace(PLAN, composite=tuple(CompositeWeight(name, Decimal(weight)) for name, weight in weights))
    assert index(10, 8, 5, 3, plan=plan) == pytest.approx(100 * (0.4 * 0.65 + 0.3 * 2 / 4 + 0.3 * 1 / 4 - 0.3 * 1 / 4))


def test_nobody_present_gives_no_index():
    assert isnan(index("absent"))
