"""Quality balanced development (docs/scoring.md §10.9)."""

import math
from decimal import Decimal

import polars as pl
import pytest

from shared.scoring.balanced_development import ResourceStandard, balanced_development
from shared.terms.errors import DomainError

CODES = tuple("abcdefg")
SEVEN = ResourceStandard(
    stage="primary",
    indicators=dict(zip(CODES, map(Decimal, ("4.2", "1", "0.9", "4.5", "7.5", "2000", "2.3")), strict=True)),
    required=6,
    least_share=Decimal("0.85"),
    variation_limit=Decimal("0.50"),
)
FULL = {code: float(least) for code, least in SEVEN.indicators.items()}


def table(*schools, pupils=None, county="k1", stage="primary"):
    count = len(schools)
    rows = [FULL | school for school in schools]
    keys = {
        "school_code": [f"s{n}" for n in range(count)],
        "county_code": [county] * count,
        "stage": [stage] * count,
        "student_count": pupils or [100] * count,
    }
    return pl.DataFrame(keys | {code: [row[code] for row in rows] for code in CODES})


def verdict(**school):
    return balanced_development(table(school), [SEVEN]).schools.row(0, named=True)


def test_a_standard_that_is_reached_is_met():
    assert verdict() == {
        "school_code": "s0",
        "county_code": "k1",
        "stage": "primary",
        "met_count": 7,
        "missing_count": 0,
        "lowest_ratio": 1,
        "is_met": True,
    }


@pytest.mark.parametrize(
    ("school", "is_met"),
    [
        ({"a": 0.85 * 4.2}, True),
        ({"a": 3.57}, True),
        ({"a": 3.56}, False),
        ({"a": 4.1, "b": 0.99}, False),
        ({"a": None}, None),
        ({"a": None, "b": 0.99}, None),
        ({"a": None, "b": 0.8}, False),
        ({"a": None, "b": 0.99, "c": 0.89}, False),
    ],
)
def test_six_of_seven_and_the_rest_at_least_85_percent(school, is_met):
    assert verdict(**school)["is_met"] is is_met


def test_every_indicator_with_its_ratio():
    found = balanced_development(table({"f": 1500, "g": None}), [SEVEN]).indicators
    row = found.filter(indicator="f").row(0, named=True)
    assert (row["value"], row["standard"], row["ratio"], row["is_met"]) == (1500, 2000, 1500 / 2000, False)
    assert found.filter(indicator="g")["is_met"].to_list() == [None]


def test_the_coefficient_of_variation_is_weighted_by_pupils():
    found = balanced_development(table({"a": 6.0}, {"a": 3.0}, {"a": None}, pupils=[300, 100, 100]), [SEVEN]).variation
    row = found.filter(indicator="a").row(0, named=True)
    mean = (300 * 6 + 100 * 3) / 400
    sd = math.sqrt(0.75 * (6 - mean) ** 2 + 0.25 * (3 - mean) ** 2)
    assert (row["mean"], row["sd"]) == pytest.approx((mean, sd))
    assert row["coefficient_of_variation"] == pytest.approx(sd / mean)
    assert (row["school_count"], row["student_count"], row["covered_rate"]) == (2, 400, 400 / 500)
    assert (row["limit"], row["is_within"]) == (0.5, True)


def test_on_the_limit_is_within_it():
    # Equal pupils, values 1.5 and 0.5: mean 1, sd 0.5.
    found = balanced_development(table({"b": 1.5}, {"b": 0.5}), [SEVEN]).variation
    row = found.filter(indicator="b").row(0, named=True)
    assert (row["coefficient_of_variation"], row["is_within"]) == (0.5, True)


def test_all_zero_has_no_variation():
    row = (
        balanced_development(table({"b": 0.0}, {"b": 0.0}), [SEVEN]).variation.filter(indicator="b").row(0, named=True)
    )
    assert (row["mean"], row["coefficient_of_variation"], row["is_within"]) == (0, None, None)


def test_nobody_with_a_value():
    row = balanced_development(table({"b": None}), [SEVEN]).variation.filter(indicator="b").row(0, named=True)
    assert (row["school_count"], row["mean"], row["sd"], row["covered_rate"]) == (0, None, None, 0)


@pytest.mark.parametrize(
    ("schools", "is_met", "met", "within"),
    [
        (({}, {}), True, 2, 7),
        (({}, {"a": 4.0, "b": 0.9}), False, 1, 7),
        # Both schools meet the standard, but are too far apart.
        (({}, {"f": 20000.0}), False, 2, 6),
        (({}, {"a": None}), None, 1, 7),
        (({"f": 20000.0}, {"a": None}), False, 1, 6),
    ],
)
def test_a_county_needs_all_schools_and_all_indicators(schools, is_met, met, within):
    row = balanced_development(table(*schools), [SEVEN]).counties.row(0, named=True)
    assert (row["is_met"], row["met_school_count"], row["within_count"]) == (is_met, met, within)


def test_stages_and_counties_stand_for_themselves():
    junior = ResourceStandard(
        stage="junior_secondary",
        indicators={code: 2 * least for code, least in SEVEN.indicators.items()},
        required=6,
        least_share=Decimal("0.85"),
        variation_limit=Decimal("0.45"),
    )
    both = pl.concat(
        [table({}, {}), table({}, county="k0"), table({}, stage="junior_secondary"), table({}, stage="senior")]
    )
    both = both.with_columns(pl.Series("school_code", ["s0", "s1", "s2", "s0", "s9"]))
    found = balanced_development(both, [SEVEN, junior])
    rows = found.counties.select("county_code", "stage", "school_count", "is_met").rows()
    assert rows == [("k0", "primary", 1, True), ("k1", "junior_secondary", 1, False), ("k1", "primary", 2, True)]


def test_every_fault_at_once():
    broken = table({"a": float("nan")}, {"b": -1.0}, pupils=[0, 100]).with_columns(
        school_code=pl.lit("s0"), stage=pl.lit("primary")
    )
    with pytest.raises(DomainError) as refused:
        balanced_development(broken, [SEVEN])
    assert [fault.code.removeprefix("scoring.") for fault in refused.value.faults] == [
        "school_stage_twice",
        "school_stage_twice",
        "resource_out_of_range",
        "resource_out_of_range",
        "resource_out_of_range",
    ]
    with pytest.raises(DomainError) as refused:
        balanced_development(broken.drop("a", "county_code"), [SEVEN])
    assert [fault.column for fault in refused.value.faults] == ["county_code", "a"]
