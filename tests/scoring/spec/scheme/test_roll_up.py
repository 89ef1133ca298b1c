"""Results of those below as values of those above (docs/scoring.md §10.8)."""

import polars as pl
import pytest

from shared.scoring.scheme.evaluation import evaluate
from shared.scoring.scheme.roll_up import rolled_up, rolled_up_values
from shared.scoring.scheme.tree import Missing, Source, SourceKind
from tests.scoring.scheme_builders import branch, leaf, scheme, schools, values_of

SCHOOLS = scheme(branch("A1", 1, leaf("a", missing=Missing.BLOCK)))
MEMBERS = schools(5, parent_code=["k1", "k1", "k1", "k2", "k2"], size=[100, 300, 600, 50, 50])
ROLLED = rolled_up(SCHOOLS, evaluate(SCHOOLS, schools(4), values_of(a=[90.0, 70.0, None, 85.0])), MEMBERS)


def figure(parent, key):
    return ROLLED.filter(unit_code=parent, key=f"plain.{key}").row(0, named=True)


def test_means_are_weighted_by_pupils():
    found = figure("k1", "total_mean")
    assert found["value"] == pytest.approx((100 * 90 + 300 * 70) / 400)
    assert (found["member_count"], found["covered_rate"]) == (2, 400 / 1000)
    assert figure("k1", "share_mean.A1")["value"] == pytest.approx((100 * 90 + 300 * 70) / 400)


def test_rates_count_every_member_with_a_result_once():
    assert figure("k1", "grade_rate.A")["value"] == 1 / 2
    assert figure("k1", "at_least_rate.C")["value"] == 1
    assert figure("k1", "at_least_rate.B")["value"] == 1 / 2
    assert figure("k2", "grade_rate.A")["value"] == 0
    assert figure("k2", "grade_rate.B")["covered_rate"] == 50 / 100


def test_roll_ups_become_values_of_the_county():
    def of(key):
        return Source(SourceKind.ROLL_UP, key)

    county = scheme(
        branch("C", 1, leaf("B11", source=of("plain.total_mean")), leaf("B12", source=of("plain.nobody")), leaf("own"))
    )
    values = rolled_up_values(ROLLED, county)
    assert values.columns == ["unit_code", "B11", "B12"]
    assert values["B11"].to_list() == pytest.approx([75, 85])
    assert values["B12"].to_list() == [None, None]
    totals = evaluate(county, pl.DataFrame({"unit_code": ["k1", "k2"]}), values).totals
    assert totals["total"].to_list() == pytest.approx([75, 85])
