"""Pure decisions about enrollments."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

SCHOOL_YEAR_STARTS = (9, 1)


class EnrollmentStatus(StrEnum):
    """States of an enrollment."""

    ENROLLED = "enrolled"
    SUSPENDED = "suspended"
    TRANSFERRED_OUT = "transferred_out"
    GRADUATED = "graduated"
    COMPLETED = "completed"
    LEFT = "left"


OPEN = frozenset({EnrollmentStatus.ENROLLED, EnrollmentStatus.SUSPENDED})


def is_open(status: str) -> bool:
    """Whether the pupil is still the school's."""
    return status in OPEN


def first_day(school_year: str) -> dt.date:
    """1 September of the year a school year begins in."""
    return dt.date(int(school_year[:4]), *SCHOOL_YEAR_STARTS)


def dates_fault(status: str, entered_on: dt.date | None, left_on: dt.date | None) -> tuple[str, str] | None:
    """Column and fault code when dates and status contradict each other."""
    if is_open(status) and left_on is not None:
        return "left_on", "roster.enrollment_left_while_open"
    if not is_open(status) and left_on is None:
        return "left_on", "roster.enrollment_left_on_missing"
    if entered_on is not None and left_on is not None and left_on < entered_on:
        return "left_on", "roster.enrollment_left_before_entered"
    return None


def entry_day(given: dt.date | None, stored: dt.date | None, *, otherwise: dt.date, left_on: dt.date | None) -> dt.date:
    """The day a stay began: as given, else as stored, else ``otherwise``; never after the day of leaving."""
    day = given or stored or otherwise
    return min(day, left_on) if left_on is not None else day
