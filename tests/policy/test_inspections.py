"""Quotas and numbers of inspections, as the documents give them."""

import datetime as dt
from decimal import Decimal

import pytest

from shared.policy.inspections import is_rural, number_on, quotas_on, standing
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

DAY = dt.date(2026, 11, 25)


def quota(level, code):
    return next(each for each in quotas_on(level, DAY) if each.code == code)


def test_the_city_visits_a_hundred_six_tenths_of_them_rural():
    city = quota(OrgLevel.CITY, "city_schools")
    assert (city.needed(2148), city.needed(60)) == (100, 60)
    enough = standing(city, total=2148, visited=100, rural_total=1500, rural_visited=60)
    assert (enough.rural_needed, enough.is_met) == (60, True)
    assert not standing(city, total=2148, visited=100, rural_total=1500, rural_visited=59).is_met
    # More visits must not thin the share out: six tenths of 150 are 90.
    assert not standing(city, total=2148, visited=150, rural_total=1500, rural_visited=60).is_met
    # Where there are fewer rural schools, all of them are enough.
    assert standing(city, total=2148, visited=100, rural_total=20, rural_visited=20).is_met


@pytest.mark.parametrize(("schools", "needed"), [(10, 3), (11, 4), (1, 1), (0, 0)])
def test_a_county_visits_three_tenths_each_semester(schools, needed):
    assert quota(OrgLevel.COUNTY, "county_schools").needed(schools) == needed


def test_city_run_schools_are_all_visited():
    assert quota(OrgLevel.CITY, "city_run_schools").needed(17) == 17


def test_rural_is_read_strictly_and_unknown_is_not_rural():
    assert [is_rural(code, DAY) for code in ("111", "121", "122", "210", "220", None)] == [
        False, False, False, True, True, False,
    ]  # fmt: skip


def test_numbers_say_whether_they_were_checked():
    rate = number_on("double_rated_rate", DAY)
    assert (rate.value, rate.verified) == (Decimal("0.2"), False)
    with pytest.raises(DomainError, match="not_in_force"):
        number_on("double_rated_rate", dt.date(2019, 1, 1))
    assert quotas_on(OrgLevel.CITY, dt.date(2019, 1, 1)) == ()
