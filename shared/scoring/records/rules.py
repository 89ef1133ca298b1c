"""What the scoring of records goes by: kinds, tables of points, shares of co-authors, and the figures asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import polars as pl

POINTS_SCALE = 100
"""Points are counted in hundredths, so that sums do not depend on their order."""
SHARE_SCALE = 10_000
"""Shares of co-authors are counted in ten-thousandths."""

POINTS_SCHEMA: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "level": pl.String(),
    "grade": pl.String(),
    "in_force_from": pl.Date(),
    "points": pl.Int64(),
}
"""``points`` in hundredths; level and grade are empty texts where the kind has none."""


class Measure(StrEnum):
    """How a figure is worked out of records."""

    AMOUNT = "amount"
    """Sum of amounts, no more in a day, week or month than is possible."""
    RECORDS = "records"
    """Number of records."""
    HELD = "held"
    """Share of the period, from 0 to 1, in which something was held."""
    LOAD = "load"
    """Amounts over their standard, weighted by the share of the period."""
    POINTS = "points"
    """Points of achievements, each once, by the share of co-authors, under the caps."""


class Span(StrEnum):
    """The span of time that a bound holds for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that is possible within a span of time."""

    per: Span
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """How records of one kind count.

    Args:
        years: they count for so many years before the end of the period; ``None`` for those of the period alone.
        bound: the most amount within a span of time.
        is_shared: co-authors share by rank.
        cap: most points of this kind, in hundredths.
        standards: by category, the amount that is one full load.
    """

    years: int | None = None
    bound: Bound | None = None
    is_shared: bool = False
    cap: int | None = None
    standards: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a person.

    Args:
        measure: how it is worked out.
        kinds: of which kinds of records.
        category: of records of this category alone.
        cap: its highest value; points in hundredths.
        is_zero_without: whether someone without records has 0 of it; otherwise it is not known.
    """

    measure: Measure
    kinds: Sequence[str]
    category: str | None = None
    cap: float | None = None
    is_zero_without: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRules:
    """Everything that the scoring of records goes by.

    Args:
        kinds: by code.
        points: ``POINTS_SCHEMA``: tables of points with the day each is in force from.
        shares: by number of co-authors, the share of each rank in ten-thousandths; numbers that are not there share
            evenly.
        figures: by name.
    """

    kinds: Mapping[str, KindRule]
    points: pl.DataFrame
    shares: Mapping[int, Sequence[int]]
    figures: Mapping[str, Figure]

    def __post_init__(self) -> None:
        for count, shares in self.shares.items():
            if len(shares) != count or sum(shares) != SHARE_SCALE or min(shares) < 0:
                raise ValueError(f"the shares of {count} co-authors are not {count} numbers that sum to 1")
            if any(later > earlier for earlier, later in pairwise(shares)):
                raise ValueError(f"of {count} co-authors a later rank has the larger share")
        unknown = {kind for figure in self.figures.values() for kind in figure.kinds} - self.kinds.keys()
        if unknown:
            raise ValueError(f"figures name unknown kinds: {', '.join(sorted(unknown))}")

    @property
    def spans(self) -> frozenset[str]:
        """Kinds whose records last: what was held, or carried week by week, until it is ended."""
        lasting = (Measure.HELD, Measure.LOAD)
        return frozenset(kind for figure in self.figures.values() if figure.measure in lasting for kind in figure.kinds)

    def share_of(self, rank: int, count: int) -> int:
        """Share of a rank among co-authors, in ten-thousandths: by the table, evenly beyond it."""
        table = self.shares.get(count)
        return SHARE_SCALE // count if table is None else table[rank - 1]


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of what is judged."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """Days of it."""
        return (self.last - self.first).days + 1
