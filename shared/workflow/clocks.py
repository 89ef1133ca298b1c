"""Deadlines in working days: the moment is an argument, the day of the event is not counted; they end with their day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from shared.workflow.calendar import WorkingCalendar

_FILE = Path(__file__).with_name("deadlines.yaml")


@dataclass(frozen=True, slots=True)
class Window:
    """A span of working days.

    Args:
        begins_at: the event that starts it.
        first_on: the first working day that counts.
        last_on: the last one.
        ends_at: the end of the last day in the civil time of the place, as a moment in UTC.
        working_days: how many it has.
        unverified_years: years it touches whose holidays rest on no notice; the window may still move then.
    """

    begins_at: dt.datetime
    first_on: dt.date
    last_on: dt.date
    ends_at: dt.datetime
    working_days: int
    unverified_years: tuple[int, ...]

    def is_over(self, at: dt.datetime) -> bool:
        """Whether its last day has passed."""
        return at >= self.ends_at


def window(at: dt.datetime, *, working_days: int, calendar: WorkingCalendar, zone: dt.tzinfo) -> Window:
    """The window of so many working days that an event opens.

    Args:
        at: when it happens.
        working_days: at least 1.
        calendar: the calendar of whoever it binds.
        zone: the civil time of the place.
    """
    day = at.astimezone(zone).date()
    last = calendar.add_working_days(day, working_days)
    first = calendar.add_working_days(day, 1)
    return Window(
        at, first, last, end_of(last, zone).astimezone(dt.UTC), working_days, calendar.unverified_years(day, last)
    )


def calendar_window(at: dt.datetime, *, days: int, calendar: WorkingCalendar, zone: dt.tzinfo) -> Window:
    """The window of so many days of any kind; it ends with a working day where its last day is none.

    Args:
        at: when it begins; that day is not counted.
        days: at least 1.
        calendar: the calendar of whoever it binds.
        zone: the civil time of the place.
    """
    day = at.astimezone(zone).date()
    last = day + dt.timedelta(days=days)
    if not calendar.is_working(last):
        last = calendar.add_working_days(last, 1)
    counted = calendar.working_days_between(day, last)
    first = day + dt.timedelta(days=1)
    return Window(at, first, last, end_of(last, zone).astimezone(dt.UTC), counted, calendar.unverified_years(day, last))


def end_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The moment a civil day is over."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """How many days a step has: usual, least and most; the document it rests on, and whether that was checked.

    They are working days, but for rules of law that count every day: those have ``days``, and no bureau changes them.
    """

    source: str
    verified: bool
    working_days: int = 0
    least: int = 0
    most: int = 0
    days: int | None = None

    def chosen(self, working_days: int | None) -> int | None:
        """The number asked for, or the usual one; ``None`` when it lies outside the bounds."""
        chosen = self.working_days if working_days is None else working_days
        return chosen if self.least <= chosen <= self.most else None


@cache
def deadline_rules() -> Mapping[str, DeadlineRule]:
    """Every rule of ``deadlines.yaml`` by name, e.g. ``publicity.school_evaluation``."""
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    return {name: DeadlineRule(**entry) for name, entry in content.items()}
