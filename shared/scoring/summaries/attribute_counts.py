"""Which values of a comparison attribute a school's candidates carry, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.levels import LEVEL_KEYS
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

_CELL = (*LEVEL_KEYS[OrgLevel.SCHOOL], "attribute", "value")
SCHEMA = dict.fromkeys(_CELL, pl.String()) | {"count": pl.Int64()}


@dataclass(frozen=True, slots=True, eq=False)
class AttributeCounts:
    """Counts per school, attribute and value; numbers are kept as their shortest text, so nothing is lost in sums.

    Args:
        cells: ``county_code, school_code, attribute, value, count``, sorted; a missing value is null.
    """

    cells: pl.DataFrame

    def __eq__(self, other: object) -> bool:
        return self.cells.equals(other.cells) if isinstance(other, AttributeCounts) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: AttributeCounts) -> AttributeCounts:
        return merge_attributes([self, other])

    def __sub__(self, other: AttributeCounts) -> AttributeCounts:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if it was not in."""
        return merge_attributes([self, AttributeCounts(other.cells.with_columns(-pl.col("count")))])


def gather_attributes(frame: pl.DataFrame, attributes: Sequence[str]) -> AttributeCounts:
    """Counts one partition of a checked sheet."""
    school = LEVEL_KEYS[OrgLevel.SCHOOL]
    parts = [
        frame.select(
            *school,
            pl.lit(attribute).alias("attribute"),
            pl.col(attribute).cast(pl.String).alias("value"),
            pl.lit(1, pl.Int64).alias("count"),
        )
        for attribute in attributes
    ]
    return merge_attributes([AttributeCounts(part) for part in parts] or [AttributeCounts(pl.DataFrame(schema=SCHEMA))])


def merge_attributes(parts: Sequence[AttributeCounts]) -> AttributeCounts:
    """Adds any number of counts in one step."""
    merged = (
        pl.concat([part.cells for part in parts])
        .group_by(_CELL)
        .agg(pl.col("count").sum())
        .filter(pl.col("count") != 0)
        .sort(_CELL)
    )
    if (merged["count"] < 0).any():
        raise DomainError("scoring.summary_not_contained")
    return AttributeCounts(merged)
