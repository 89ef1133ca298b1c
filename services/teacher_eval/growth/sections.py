"""Sections of a growth record: each room writes one, and stands here in one line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.growth.rules import Band
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor

Names = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Whose record is read, and by whom.

    Args:
        session: the transaction, open to the person's rows at every school (``whole_person``).
        everywhere: the actor to give to repositories.
        staff_key: the person.
        is_own: whether the person reads; what is private is left out for everybody else.
        today: the day it is read.
        store: files of results.
    """

    session: AsyncSession
    everywhere: Actor
    staff_key: str
    is_own: bool
    today: dt.date
    store: ColumnarStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of an entry; ``ci`` its 95 % interval where it is an estimate."""

    name: Names
    value: float | None
    unit: Names | None = None
    ci: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened: a training, a rung, a record, a suggestion."""

    on: dt.date
    name: Names
    state: Names | None = None
    text: str | None = None
    document: str | None = None
    figures: Sequence[Figure] = ()
    points: Sequence[Names] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One's own figure in a year; ``band`` the middle half of those comparable, null below the least number."""

    period: str
    value: float | None
    ci: tuple[float, float] | None = None
    band: Band | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One's own figures over the years."""

    code: str
    name: Names
    most: float | None
    points: Sequence[Point]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one room tells."""

    code: str
    name: Names
    entries: Sequence[Entry] = field(default=())
    series: Sequence[Series] = field(default=())


class GrowthSection(Protocol):
    """A room's part of the record; ``None`` where it has nothing to tell."""

    async def __call__(self, reading: Reading) -> Section | None:
        """What the room knows of the person."""
        ...
