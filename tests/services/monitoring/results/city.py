"""The city whose results are published in these tests, and its people.

County 1 has four schools, one of them small; county 2 four; county 3 two, so that each could subtract itself and find the
other; county 4 one.
"""

from __future__ import annotations

from shared.terms.actor import Actor
from tests.services.monitoring.factories import CITY, SchoolOfTest
from tests.support.settings import actor

SCHOOLS = {
    code: SchoolOfTest(code, county, size)
    for code, county, size in (
        ("2199000001", "990001", 40),
        ("2199000002", "990001", 34),
        ("2199000003", "990001", 27),
        ("2199000004", "990001", 4),
        ("2199000005", "990002", 36),
        ("2199000006", "990002", 31),
        ("2199000007", "990002", 22),
        ("2199000008", "990003", 33),
        ("2199000009", "990003", 28),
        ("2199000010", "990004", 26),
        ("2199000011", "990002", 24),
    )
}
SMALL, IN_A_PAIR, ALONE = SCHOOLS["2199000004"], SCHOOLS["2199000008"], SCHOOLS["2199000010"]
COUNTIES = sorted({school.county for school in SCHOOLS.values()})
TABLES = (
    "summary", "cumulative", "bands", "value-added-models", "value-added-coefficients", "value-added-schools",
    "companions", "transitions", "comparison", "funnel",
)  # fmt: skip
MODEL = "maths~entry[reml,t]"

CITY_ADMIN = actor("city_admin", CITY)
PROVINCE = actor("province_reader", "99/")


def at_county(code: str, role: str = "county_admin") -> Actor:
    """Somebody of a county's education office."""
    return actor(role, f"{CITY}{code}/")


def at_school(school: SchoolOfTest, role: str = "school_admin") -> Actor:
    """Somebody of a school."""
    return actor(role, school.path)
