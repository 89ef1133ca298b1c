"""Pure decisions about people of a pool: how much of each month they were here, and that nobody is paid twice for one."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from services.teacher_eval.money import months_between
from shared.scoring.allocation.plan import Exclusion

WHOLE = Decimal(1)
_PLACES = Decimal("0.0001")
_HALF = Decimal("0.5")
#: In spite of these one counts as present: the money stays in this pool.
COUNTED_EXCLUSIONS = frozenset({Exclusion.CONDUCT_VETO})


class MonthRule(StrEnum):
    """What a month counts in which somebody came, left or was on leave."""

    DAYS = "days"
    HALF_MONTH = "half_month"


@dataclass(frozen=True, slots=True)
class Stay:
    """When somebody was at the school.

    Args:
        joined_on: first day; ``None``: before the period.
        left_on: last day; ``None``: after the period.
        leave_from: first day of a leave that is not paid for.
        leave_to: its last day; ``None``: until the end.
        time_share: of full time, 0 to 1; a person at two schools has a share at each.
    """

    joined_on: dt.date | None = None
    left_on: dt.date | None = None
    leave_from: dt.date | None = None
    leave_to: dt.date | None = None
    time_share: Decimal = WHOLE


def month_shares(first_month: str, last_month: str, stay: Stay, rule: MonthRule) -> dict[str, str]:
    """Share of each month of a period that somebody was here, as text; months of 0 are left out."""
    found = {}
    for month in months_between(first_month, last_month):
        share = _share(month, stay, rule)
        if share > 0:
            found[month] = text(share)
    return found


def _share(month: str, stay: Stay, rule: MonthRule) -> Decimal:
    year, number = (int(part) for part in month.split("-"))
    length = calendar.monthrange(year, number)[1]
    days = [dt.date(year, number, day) for day in range(1, length + 1)]
    here = sum(_is_here(day, stay) for day in days)
    part = Decimal(here) / length
    if rule is MonthRule.HALF_MONTH:
        part = WHOLE if part >= _HALF else Decimal(0)
    return (part * stay.time_share).quantize(_PLACES, rounding=ROUND_HALF_UP)


def _is_here(day: dt.date, stay: Stay) -> bool:
    is_employed = (stay.joined_on or day) <= day <= (stay.left_on or day)
    is_on_leave = stay.leave_from is not None and stay.leave_from <= day <= (stay.leave_to or day)
    return is_employed and not is_on_leave


def text(number: Decimal) -> str:
    """An exact number as it is stored: without an exponent or idle zeros."""
    return f"{number.normalize():f}"


def present(months: Mapping[str, str]) -> Decimal:
    """Months present in all."""
    return sum((Decimal(share) for share in months.values()), Decimal(0))


def counts_elsewhere(exclusion: str | None) -> bool:
    """Whether the person's months here may not be paid for at another school."""
    return exclusion is None or exclusion in COUNTED_EXCLUSIONS


@dataclass(frozen=True, slots=True)
class Overlap:
    """A month for which somebody would be paid more than once in full.

    Args:
        staff_key: the person.
        month: the first such month.
        free: how much of it is not taken by other schools.
        wanted: what this school claims.
    """

    staff_key: str
    month: str
    free: Decimal
    wanted: Decimal


def overlaps(
    wanted: Mapping[str, Mapping[str, str]], taken: Mapping[str, Mapping[str, Decimal]]
) -> Collection[Overlap]:
    """People whose months here and elsewhere add up to more than the whole, at the first such month of each.

    Args:
        wanted: by person, share of each month here.
        taken: by person, share of each month at other schools.
    """
    found = []
    for key, months in sorted(wanted.items()):
        elsewhere = taken.get(key, {})
        for month, share in sorted(months.items()):
            if Decimal(share) + elsewhere.get(month, Decimal(0)) > WHOLE:
                free = max(WHOLE - elsewhere.get(month, Decimal(0)), Decimal(0))
                found.append(Overlap(key, month, free, Decimal(share)))
                break
    return found
