"""Standards of balanced development are dated data that say how sure they are."""

import datetime as dt
from decimal import Decimal

import polars as pl

from shared.policy.balanced_development import balance_standards_on
from shared.scoring.balanced_development import ResourceStandard, balanced_development


def test_both_stages_have_seven_indicators_and_a_limit():
    primary, junior = (balance_standards_on(dt.date(2026, 9, 1))[stage] for stage in ("primary", "junior_secondary"))
    assert len(primary.indicators) == len(junior.indicators) == 7
    assert list(primary.indicators) == list(junior.indicators)
    assert (primary.variation_limit, junior.variation_limit) == (Decimal("0.50"), Decimal("0.45"))
    assert (primary.required, primary.least_share) == (6, Decimal("0.85"))
    assert primary.indicators["higher_qualified_per_hundred"] == Decimal("4.2")
    assert junior.indicators["sport_area_per_student"] == Decimal("10.2")
    assert not primary.verified


def test_before_the_first_day_there_are_none():
    assert balance_standards_on(dt.date(2017, 4, 18)) == {}


def test_they_are_what_the_computation_takes():
    standard = balance_standards_on(dt.date(2026, 9, 1))["primary"]
    taken = ResourceStandard(
        stage=standard.stage,
        indicators=standard.indicators,
        required=standard.required,
        least_share=standard.least_share,
        variation_limit=standard.variation_limit,
    )
    just = {code: [float(least)] for code, least in standard.indicators.items()}
    school = {"school_code": ["s1"], "county_code": ["k1"], "stage": ["primary"], "student_count": [900]}
    assert balanced_development(pl.DataFrame(school | just), [taken]).counties["is_met"].to_list() == [True]
