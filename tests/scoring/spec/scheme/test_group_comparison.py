"""Units beside their like (docs/scoring.md §8.6, §10.4)."""

import math

import polars as pl
import pytest

from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.group_comparison import TOTAL, group_comparison
from tests.scoring.scheme_builders import branch, leaf, scheme, schools, values_of

PLAN = scheme(
    branch("A1", 40, branch("B1", 1, leaf("a"))), branch("A2", 60, branch("B2", 1, leaf("b"))), group_by=("kind",)
)
UNITS = schools(7, kind=["p"] * 5 + ["q"] * 2)
VALUES = values_of(a=[50.0, 60, 70, 80, None, 10, 20], b=[80.0] * 4 + [None, 10, 20])


def rows(node, **settings):
    found = group_comparison(evaluate(PLAN, UNITS, VALUES), **settings)
    return found.filter(pl.col("node") == node)


def test_mean_sd_difference_and_rank_are_of_the_group():
    found = rows("A1", min_units=4)
    sd = math.sqrt((15**2 + 5**2 + 5**2 + 15**2) / 3)
    assert found["value"].to_list() == pytest.approx([50, 60, 70, 80, 10, 20])
    assert found["group_mean"].to_list()[:4] == pytest.approx([65] * 4)
    assert found["group_sd"][0] == pytest.approx(sd)
    assert found["standardized_difference"].to_list()[:4] == pytest.approx([-15 / sd, -5 / sd, 5 / sd, 15 / sd])
    assert found["rank_in_group"].to_list()[:4] == [4, 3, 2, 1]


def test_the_total_is_compared_too_and_units_without_one_are_not():
    found = rows(TOTAL, min_units=4)
    assert found["value"].to_list() == pytest.approx([68, 72, 76, 80, None, 10, 20])
    assert found["reason"].to_list() == [None] * 4 + ["no_value", "few_units", "few_units"]
    assert found["status"].to_list() == ["computed"] * 4 + ["not_computed"] * 3
    assert found["group_mean"].to_list()[4:] == [None] * 3


def test_equal_values_have_no_standardized_difference():
    found = rows("A2", min_units=2)
    assert found["group_sd"].to_list()[:4] == pytest.approx([0] * 4, abs=1e-9)
    assert found["standardized_difference"].to_list()[:4] == [None] * 4
    assert found["rank_in_group"].to_list()[:4] == [1] * 4


def test_indicators_are_left_out_where_only_dimensions_are_wanted():
    found = group_comparison(evaluate(PLAN, UNITS, VALUES), deepest=1)
    assert set(found["node"]) == {TOTAL, "A1", "A2"}


def test_an_error_gives_an_interval():
    errors = pl.DataFrame({"unit_code": ["s00"], "node": [TOTAL], "se": [2.0]})
    found = rows(TOTAL, errors=errors)
    assert (found["ci_low"][0], found["ci_high"][0]) == pytest.approx((68 - 3.919928, 68 + 3.919928))
    assert found["ci_low"][1] is None
