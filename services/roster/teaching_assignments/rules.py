"""Pure decisions about teaching assignments: dates, and how much of a class's subject is given out on any day."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from services.roster.enrollments.rules import first_day


class AssignmentKind(StrEnum):
    """What somebody is assigned to a class for."""

    TEACHING = "teaching"
    HOMEROOM_TEACHER = "homeroom_teacher"
    DEPUTY_HOMEROOM_TEACHER = "deputy_homeroom_teacher"


class AssignmentStatus(StrEnum):
    """Whether an assignment stands, or was entered by mistake."""

    ASSIGNED = "assigned"
    WITHDRAWN = "withdrawn"


#: Of these there is a whole one per class (and subject) on any day; deputies are not limited.
LIMITED = frozenset({AssignmentKind.TEACHING, AssignmentKind.HOMEROOM_TEACHER})


@dataclass(frozen=True, slots=True)
class Span:
    """A share of a whole from day to day, both included."""

    starts_on: dt.date
    ends_on: dt.date
    share: Decimal


def last_day(school_year: str) -> dt.date:
    """31 August of the year a school year ends in."""
    return first_day(school_year).replace(year=int(school_year[5:])) - dt.timedelta(days=1)


def dates_fault(school_year: str, starts_on: dt.date, ends_on: dt.date) -> tuple[str, str] | None:
    """Column and fault code when an assignment ends before it starts or leaves its school year."""
    if ends_on < starts_on:
        return "ends_on", "roster.assignment_ends_before_start"
    if starts_on < first_day(school_year):
        return "starts_on", "roster.assignment_outside_year"
    return ("ends_on", "roster.assignment_outside_year") if ends_on > last_day(school_year) else None


def post_fault(kind: str, subject: str | None, share: Decimal) -> tuple[str, str] | None:
    """Column and fault code when a subject is missing, or a post of a class teacher has a subject or a part."""
    if kind == AssignmentKind.TEACHING:
        return ("subject", "roster.assignment_subject_missing") if subject is None else None
    if subject is not None:
        return "subject", "roster.assignment_post_has_subject"
    return ("share", "roster.assignment_post_shared") if share != 1 else None


def overfull(spans: Sequence[Span]) -> list[bool]:
    """Of each span, whether on some day of it the shares of all together exceed 1."""
    days = _overfull_days(spans)
    found = []
    for span in spans:
        after = bisect_right(days, span.ends_on)
        found.append(after > 0 and days[after - 1] >= span.starts_on)
    return found


def _overfull_days(spans: Iterable[Span]) -> list[dt.date]:
    """Days on which the total rises above 1 or stays above it though it changes; any overfull stretch begins with one."""
    changes = sorted(
        [(span.starts_on, span.share) for span in spans]
        + [(span.ends_on + dt.timedelta(days=1), -span.share) for span in spans]
    )
    total, days = Decimal(0), []
    for day, group in groupby(changes, key=lambda change: change[0]):
        total += sum(share for _, share in group)
        if total > 1:
            days.append(day)
    return days
