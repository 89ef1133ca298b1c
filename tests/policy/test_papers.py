"""When a paper may be seen."""

import datetime as dt

import pytest

from shared.policy.papers import paper_disclosure
from tests.support.settings import actor

CITY, SCHOOL = "99/9900/", "99/9900/990001/2199000001/"
DAY = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("org", "is_collecting", "days_later", "shown"),
    [
        (CITY, False, -30, True),
        ("99/", False, -30, True),
        (SCHOOL, False, 30, False),
        (SCHOOL, True, -1, False),
        (SCHOOL, True, 0, False),
        (SCHOOL, True, 1, True),
        ("99/9900/990001/", True, 0, False),
        ("99/9901/", True, 0, False),
    ],
)
def test_papers_are_shown_to_their_holder_at_once_and_to_others_afterwards(
    org: str, is_collecting: bool, days_later: int, shown: bool
) -> None:
    today = DAY + dt.timedelta(days=days_later)
    decided = paper_disclosure(
        actor("city_admin", org), holder=CITY, held_on=DAY, is_collecting=is_collecting, today=today
    )
    assert (decided.is_shown, decided.opens_on, decided.rule.id) == (shown, dt.date(2026, 11, 21), "P1")
