"""Growth cells: per school, how often each combination of prior marks and outcome mark occurs (SCORING §8.5).

Whole grid units and whole counts: the order of rows and the division into partitions cannot matter. Serves student growth
percentiles, prior groups and gains alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import LEVEL_KEYS
from shared.scoring.subjects import Subject
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

SCHOOL_KEYS = LEVEL_KEYS[OrgLevel.SCHOOL]


@dataclass(frozen=True, slots=True, eq=False)
class GrowthCells:
    """Combinations of marks per school, for candidates who have all of them.

    Args:
        priors: grids of the priors, at least one; codes differ from the outcome's.
        outcome: grid of the outcome.
        counts: ``county_code, school_code``, the marks in grid units (one column per code) and ``count`` above 0, one
            row per combination, sorted.
        finished: what was worked out from these cells and is asked for by more than one figure.
    """

    priors: tuple[Subject, ...]
    outcome: Subject
    counts: pl.DataFrame
    finished: dict[str, NDArray[np.int64]] = field(default_factory=dict, repr=False)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GrowthCells):
            return NotImplemented
        same = (self.priors, self.outcome) == (other.priors, other.outcome)
        return same and self.counts.equals(other.counts)

    __hash__ = None  # type: ignore[assignment]

    @property
    def mark_columns(self) -> tuple[str, ...]:
        """Codes of the priors and the outcome."""
        return (*(prior.code for prior in self.priors), self.outcome.code)

    def __add__(self, other: GrowthCells) -> GrowthCells:
        return merge_growth_cells([self, other])

    def __sub__(self, other: GrowthCells) -> GrowthCells:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if it was not in."""
        return merge_growth_cells([self, other], signs=[1, -1])


def gather_growth_cells(frame: pl.DataFrame, priors: Sequence[Subject], outcome: Subject) -> GrowthCells:
    """Counts one partition.

    Args:
        frame: the frame of a checked sheet: key columns and codes in grid units; candidates without one of the marks
            (negative codes) are left out.
        priors: the priors' grids.
        outcome: the outcome's grid.
    """
    codes = [*(prior.code for prior in priors), outcome.code]
    marks = frame.lazy().select(*SCHOOL_KEYS, *codes)
    present = marks.filter(pl.all_horizontal(pl.col(codes) >= 0))
    counts = present.group_by(*SCHOOL_KEYS, *codes).agg(pl.len().cast(pl.Int64).alias("count"))
    # Grouped and sorted as narrow as they are stored.
    sorted_counts = counts.sort(*SCHOOL_KEYS, *codes).with_columns(pl.col(codes).cast(pl.Int64))
    return GrowthCells(tuple(priors), outcome, sorted_counts.collect())


def merge_growth_cells(parts: Sequence[GrowthCells], *, signs: Sequence[int] | None = None) -> GrowthCells:
    """Adds any number of growth cells in one step.

    Args:
        parts: at least one, of the same subjects.
        signs: 1 to add or −1 to subtract, per part; all are added by default.

    Raises:
        DomainError: ``scoring.summary_different_subjects``, or ``scoring.summary_not_contained``.
    """
    first = parts[0]
    for part in parts[1:]:
        if (part.priors, part.outcome) != (first.priors, first.outcome):
            raise DomainError(
                "scoring.summary_different_subjects",
                params={"left": ", ".join(first.mark_columns), "right": ", ".join(part.mark_columns)},
            )
    factors = signs or [1] * len(parts)
    signed = [part.counts.with_columns(pl.col("count") * sign) for part, sign in zip(parts, factors, strict=True)]
    columns = [*SCHOOL_KEYS, *first.mark_columns]
    counts = pl.concat(signed).group_by(columns).agg(pl.col("count").sum()).filter(pl.col("count") != 0).sort(columns)
    if (counts["count"] < 0).any():
        raise DomainError("scoring.summary_not_contained")
    return GrowthCells(first.priors, first.outcome, counts)
