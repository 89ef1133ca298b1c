import datetime as dt

import pytest

from services.roster.enrollments.rules import EnrollmentStatus, dates_fault, entry_day, first_day, is_open

SEPTEMBER, MARCH = dt.date(2026, 9, 1), dt.date(2027, 3, 1)


def test_a_school_year_begins_in_september() -> None:
    assert first_day("2026-2027") == SEPTEMBER


def test_enrolled_and_suspended_pupils_are_still_the_schools() -> None:
    assert {status for status in EnrollmentStatus if is_open(status)} == {"enrolled", "suspended"}


@pytest.mark.parametrize(
    ("status", "entered_on", "left_on", "code"),
    [
        ("enrolled", None, None, None),
        ("enrolled", SEPTEMBER, None, None),
        ("enrolled", None, MARCH, "roster.enrollment_left_while_open"),
        ("transferred_out", SEPTEMBER, MARCH, None),
        ("transferred_out", SEPTEMBER, SEPTEMBER, None),
        ("transferred_out", SEPTEMBER, None, "roster.enrollment_left_on_missing"),
        ("graduated", MARCH, SEPTEMBER, "roster.enrollment_left_before_entered"),
    ],
)
def test_status_and_dates_agree(
    status: str, entered_on: dt.date | None, left_on: dt.date | None, code: str | None
) -> None:
    assert dates_fault(status, entered_on, left_on) == (("left_on", code) if code else None)


def test_the_day_of_entry() -> None:
    assert entry_day(MARCH, SEPTEMBER, otherwise=SEPTEMBER, left_on=None) == MARCH
    assert entry_day(None, MARCH, otherwise=SEPTEMBER, left_on=None) == MARCH
    assert entry_day(None, None, otherwise=SEPTEMBER, left_on=None) == SEPTEMBER
    assert entry_day(None, None, otherwise=MARCH, left_on=SEPTEMBER) == SEPTEMBER
