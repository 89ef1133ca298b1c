"""Kinds of ladders, who recognizes a rung, and what is known of a person when criteria are looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Track(StrEnum):
    """Whom a ladder is for (measure 4 of the plan)."""

    TEACHER = "teacher"
    """教师、名师."""
    HOMEROOM_TEACHER = "homeroom_teacher"
    """班主任、名班主任."""
    PRINCIPAL = "principal"
    """校长、名校长."""


class Keeper(StrEnum):
    """Who recognizes a rung; those of the state and the province are recorded here, not given."""

    SCHOOL = "school"
    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"
    STATE = "state"


class HonorLevel(StrEnum):
    """Who gave an honor; the first is the highest."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    CITY = "city"
    COUNTY = "county"
    SCHOOL = "school"


class Status(StrEnum):
    """How a criterion stands."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A rung held, from its recognition to its end; ``None`` while it lasts."""

    rung: str
    first_on: dt.date
    last_on: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a person; ``None`` where nothing on this platform can say.

    Args:
        held: rungs of the same ladder.
        hours: day and hours of every training that counts.
        mentored: day of completion of pairs as mentor.
        apprenticed: the same as the one mentored.
        grades: annual grade by school year.
        honors: level and day of every certified honor.
        violations: first and last day of effect of every confirmed violation of conduct.
    """

    held: Sequence[Held] = ()
    hours: Sequence[tuple[dt.date, Decimal]] | None = None
    mentored: Sequence[dt.date] | None = None
    apprenticed: Sequence[dt.date] | None = None
    grades: Mapping[str, str] | None = None
    honors: Sequence[tuple[HonorLevel, dt.date]] | None = None
    violations: Sequence[tuple[dt.date, dt.date]] | None = None
    stated: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Check:
    """A criterion held against the facts: what was found and what is needed, in its own unit."""

    code: str
    status: Status
    found: str | None
    needed: str


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years ago; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
