"""What is used, and what is given out twice."""

import datetime as dt
from decimal import Decimal

import pytest

from services.teacher_eval.teaching_links.rules import (
    LinkState,
    Part,
    SilentLinks,
    chosen_days,
    given_out_twice,
    is_used,
    require_year,
)
from shared.terms.errors import DomainError

YEAR = "2026-2027"
FIRST, MIDDLE, LAST = dt.date(2026, 9, 1), dt.date(2027, 2, 1), dt.date(2027, 8, 31)
HALF, WHOLE = Decimal("0.5"), Decimal(1)


@pytest.mark.parametrize(
    ("state", "silent", "used"),
    [
        (LinkState.CONFIRMED, SilentLinks.DROP, True),
        (LinkState.DECIDED, SilentLinks.DROP, True),
        (LinkState.SILENT, SilentLinks.STAND, True),
        (LinkState.SILENT, SilentLinks.DROP, False),
        (LinkState.DISPUTED, SilentLinks.STAND, False),
        (LinkState.PREVIEWED, SilentLinks.STAND, False),
    ],
)
def test_only_what_was_said_or_decided_is_used(state: LinkState, silent: SilentLinks, used: bool) -> None:
    assert is_used(state, WHOLE, silent) is used
    assert not is_used(state, Decimal(0), silent)


def test_a_subject_of_a_class_is_given_out_once_on_any_day() -> None:
    first = Part("c1", "14", FIRST, MIDDLE, WHOLE)
    after = Part("c1", "14", MIDDLE + dt.timedelta(days=1), LAST, WHOLE)
    assert given_out_twice([first, after, Part("c1", "13", FIRST, LAST, WHOLE)]) == []
    assert given_out_twice([first, Part("c1", "14", MIDDLE, LAST, HALF)]) == [("c1", "14")]
    assert given_out_twice([Part("c2", "14", FIRST, LAST, HALF)] * 2) == []


def test_bounds() -> None:
    assert chosen_days("teaching_links.confirm", None) == 5
    with pytest.raises(DomainError) as caught:
        chosen_days("teaching_links.confirm", 1)
    assert caught.value.code == "teaching_link.days"
    for starts_on, ends_on in (
        (FIRST - dt.timedelta(days=1), LAST),
        (FIRST, LAST + dt.timedelta(days=1)),
        (LAST, FIRST),
    ):
        with pytest.raises(DomainError):
            require_year(YEAR, starts_on, ends_on)
