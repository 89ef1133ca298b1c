"""When an exam may be sealed and published, as a table."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from services.monitoring.completeness.rules import (
    Completeness,
    Sealing,
    require_publishable,
    require_sealable,
    total,
)
from services.monitoring.exams.rules import window_end
from shared.terms.errors import DomainError

NOW = dt.datetime(2026, 11, 25, 8, tzinfo=dt.UTC)
LATER, EARLIER = NOW + dt.timedelta(days=1), NOW - dt.timedelta(days=1)
WHOLE = Completeness(
    schools=3,
    received=3,
    confirmed=3,
    enrolled=100,
    expected=110,
    registered=97,
    linked=95,
    excluded={"suspended": 2, "transferred_out": 3},
    coded={"visiting": 2},
)
REASON = "该校停电，已报备"


def code_of(
    changes: dict, *, duplicates: int = 0, window: dt.datetime = LATER, reason: str | None = None
) -> str | None:
    counties = {"990001": WHOLE, "990002": replace(WHOLE, **changes)}
    sealing = Sealing(counties=counties, duplicates=duplicates, at=NOW, window_ends_at=window, accept_reason=reason)
    try:
        require_sealable(sealing)
    except DomainError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("changes", "options", "code"),
    [
        ({}, {}, None),
        ({"confirmed": 2}, {}, "exam.unconfirmed"),
        ({"confirmed": 2}, {"reason": REASON}, "exam.unconfirmed"),
        ({"confirmed": 2}, {"window": EARLIER}, None),
        ({"confirmed": 2}, {"window": NOW}, None),
        ({"received": 2, "confirmed": 2}, {}, "exam.unreconciled"),
        ({"received": 2, "confirmed": 2}, {"reason": REASON}, None),
        ({"linked": 94, "coded": {"visiting": 3}}, {}, "exam.unreconciled"),
        ({"linked": 94, "coded": {"visiting": 3}}, {"reason": REASON}, None),
        ({"coded": {"visiting": 1}}, {}, "exam.unreconciled"),
        ({"coded": {"visiting": 1}}, {"reason": REASON, "window": EARLIER}, None),
        ({}, {"duplicates": 1}, "exam.unreconciled"),
        ({}, {"duplicates": 1, "reason": REASON, "window": EARLIER}, "exam.unreconciled"),
        ({"corrections_open": 1}, {"reason": REASON, "window": EARLIER}, "exam.corrections_open"),
    ],
)
def test_when_an_exam_may_be_sealed(changes: dict, options: dict, code: str | None) -> None:
    assert code_of(changes, **options) == code


def test_a_refusal_names_what_is_missing_by_county() -> None:
    counties = {"990001": WHOLE, "990002": replace(WHOLE, received=2, confirmed=2, linked=90, registered=92)}
    sealing = Sealing(counties=counties, duplicates=0, at=NOW, window_ends_at=LATER, accept_reason=None)
    with pytest.raises(DomainError) as refused:
        require_sealable(sealing)
    (fault,) = refused.value.faults
    assert (fault.source_id, fault.params["missing"], fault.params["unaccounted"]) == ("990002", 1, 5)
    with pytest.raises(DomainError, match=r"exam\.incomplete"):
        require_publishable(counties, is_accepted=False)
    require_publishable(counties, is_accepted=True)
    require_publishable({"990001": WHOLE}, is_accepted=False)


def test_counts_add_up() -> None:
    both = total({"a": WHOLE, "b": replace(WHOLE, excluded={"other": 1})})
    assert both.excluded == {"other": 1, "suspended": 2, "transferred_out": 3}
    assert (both.unaccounted, both.unlinked, both.uncoded) == (200 - 190 - 6, 4, 0)
    assert (WHOLE.unaccounted, WHOLE.missing, WHOLE.unconfirmed) == (0, 0, 0)
    assert total({}) == Completeness()


def test_participation_is_measured_against_the_pupils_expected() -> None:
    assert WHOLE.enrollment_participation_rate == Decimal("0.8818")
    assert Completeness(registered=3).enrollment_participation_rate is None


def test_a_window_of_working_days_steps_over_holidays() -> None:
    china = dt.timezone(dt.timedelta(hours=8))
    before_national_day = dt.datetime(2026, 9, 30, 10, 0, tzinfo=china)
    ends = window_end(before_national_day, days=None, ends_on=None, working_days=3, zone=china)
    # 8 and 9 October, and the Saturday that is worked.
    assert ends == dt.datetime(2026, 10, 11, tzinfo=china)
    assert window_end(before_national_day, days=3, ends_on=None, zone=china) == dt.datetime(2026, 10, 4, tzinfo=china)
