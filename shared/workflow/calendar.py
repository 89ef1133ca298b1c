"""The working calendar: which days the clocks of notices, appeals and answers count.

The calendar is data: the national years lie in ``calendar.yaml``; a bureau adds its own closures, and the next year's notice
when it is issued, in a file of the same form. A year without a notice has weekends and statutory days alone and is not
verified; every clock that touches it says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("calendar.yaml")
_WEEKEND = 5
#: Far more than any deadline: a calendar without working days must not be walked for ever.
_LONGEST = dt.timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year's days off and the weekends that are worked, and the notice that says so."""

    year: int
    source: str
    verified: bool
    days_off: frozenset[dt.date]
    working_weekends: frozenset[dt.date]


@dataclass(frozen=True, slots=True)
class Closure:
    """A day on which an organization and all below it are closed, or (``is_working``) work although others do not."""

    org_path: str
    day: dt.date
    reason: str
    is_working: bool = False


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Working days.

    Args:
        years: the years that are known.
        fixed_days: month and day of days off in every other year.
        closures: further days of organizations.
    """

    years: Mapping[int, CalendarYear]
    fixed_days: frozenset[tuple[int, int]]
    closures: tuple[Closure, ...] = ()
    _own: Mapping[dt.date, bool] = field(default_factory=dict)

    def for_organization(self, org_path: str) -> WorkingCalendar:
        """The calendar with the closures of an organization and of those above it; the nearest one decides a day."""
        applying = sorted((c for c in self.closures if org_path.startswith(c.org_path)), key=lambda c: len(c.org_path))
        return replace(self, _own={closure.day: closure.is_working for closure in applying})

    def is_working(self, day: dt.date) -> bool:
        """Whether a day is a working day."""
        if day in self._own:
            return self._own[day]
        year = self.years.get(day.year)
        if year is None:
            return day.weekday() < _WEEKEND and (day.month, day.day) not in self.fixed_days
        if day in year.working_weekends:
            return True
        return day.weekday() < _WEEKEND and day not in year.days_off

    def add_working_days(self, day: dt.date, count: int) -> dt.date:
        """The day on which ``count`` working days after ``day`` are complete; ``day`` itself is not counted.

        Args:
            day: the day of the event.
            count: at least 1; ``ValueError`` otherwise, and when there are not that many in ten years.
        """
        if count < 1:
            raise ValueError(f"working days are counted from 1, not {count}")
        last = day + _LONGEST
        while count:
            day += dt.timedelta(days=1)
            if day > last:
                raise ValueError("the calendar has no working days")
            count -= self.is_working(day)
        return day

    def working_days_between(self, first: dt.date, last: dt.date) -> int:
        """Working days after ``first`` up to and with ``last``; negative when ``last`` is earlier."""
        if last < first:
            return -self.working_days_between(last, first)
        days = (last - first).days
        return sum(self.is_working(first + dt.timedelta(days=n)) for n in range(1, days + 1))

    def unverified_years(self, first: dt.date, last: dt.date) -> tuple[int, ...]:
        """Years between two days whose holidays rest on no notice."""
        years = (self.years.get(year) for year in range(first.year, last.year + 1))
        return tuple(
            year
            for year, known in zip(range(first.year, last.year + 1), years, strict=True)
            if not (known and known.verified)
        )


@cache
def national_calendar() -> WorkingCalendar:
    """The calendar as shipped."""
    return read_calendar(_FILE.read_text("utf-8"))


def read_calendar(text: str, base: WorkingCalendar | None = None) -> WorkingCalendar:
    """A calendar from YAML, over another one: its years replace those of the same number, its closures are added.

    Args:
        text: ``years`` (each ``source``, ``verified``, ``holidays`` of ``first`` and ``last``, ``working_weekends``),
            ``closures`` (each ``org_path``, ``day``, ``reason``, ``is_working``), ``fixed_days`` as ``MM-DD``.
        base: the calendar beneath it.

    Raises:
        ValueError: naming what is wrong with which entry.
    """
    content = yaml.safe_load(text) or {}
    unknown = set(content) - {"years", "closures", "fixed_days"}
    if unknown:
        raise ValueError(f"calendar: unknown members {sorted(unknown)}")
    years = {int(year): _year(int(year), entry) for year, entry in (content.get("years") or {}).items()}
    closures = tuple(_closure(entry) for entry in content.get("closures") or ())
    fixed = frozenset(_month_day(str(entry)) for entry in content.get("fixed_days") or ())
    if base is None:
        return WorkingCalendar(years, fixed, closures)
    return WorkingCalendar({**base.years, **years}, base.fixed_days | fixed, base.closures + closures)


def _year(year: int, entry: Mapping[str, Any]) -> CalendarYear:
    days_off: set[dt.date] = set()
    for holiday in entry["holidays"]:
        first, last = holiday["first"], holiday["last"]
        if not (isinstance(first, dt.date) and isinstance(last, dt.date) and first <= last and first.year == year):
            raise ValueError(f"calendar {year}: {holiday} is not a span of days of this year")
        days_off |= {first + dt.timedelta(days=n) for n in range((last - first).days + 1)}
    working = frozenset(entry["working_weekends"])
    wrong = sorted(day for day in working if day.year != year or day.weekday() < _WEEKEND or day in days_off)
    if wrong:
        raise ValueError(f"calendar {year}: {', '.join(map(str, wrong))}: not weekends of this year that are worked")
    return CalendarYear(year, str(entry["source"]), bool(entry["verified"]), frozenset(days_off), working)


def _closure(entry: Mapping[str, Any]) -> Closure:
    if not isinstance(entry.get("day"), dt.date) or not str(entry.get("org_path", "")).endswith("/"):
        raise ValueError(f"calendar: the closure {dict(entry)} needs org_path (ending in /) and day")
    return Closure(str(entry["org_path"]), entry["day"], str(entry["reason"]), bool(entry.get("is_working", False)))


def _month_day(text: str) -> tuple[int, int]:
    month, _, day = text.partition("-")
    return int(month), int(day)
