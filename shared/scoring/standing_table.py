"""What every mark that occurs is worth in its group, built once from a histogram (SCORING §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from shared.scoring.statistics.base import Column
from shared.scoring.summaries.group_counts import Integers, Whole
from shared.scoring.summaries.mark_histogram import MarkHistogram
from shared.scoring.summaries.mark_view import MarkView
from shared.terms.errors import DomainError

Numbers = NDArray[np.float64]
FIGURES: Mapping[str, pl.DataType] = {
    "rank": pl.Int32(),
    "n": pl.Int32(),
    "percentile_rank": pl.Float64(),
    "z_score": pl.Float64(),
    "t_score": pl.Float64(),
    "normalized_t_score": pl.Float64(),
}
_DENSE_FACTOR = 32
_DENSE_FLOOR = 1 << 16
_HALF_OF_32_BITS = 1 << 30


@dataclass(frozen=True, eq=False)
class StandingTable:
    """Figures of occupied marks, in order of group and mark.

    Args:
        keys: distinct sorted group keys.
        size: candidates present per group.
        rank: rank of each.
        percentile_rank: 0 to 100.
        z_score: by the population sd of the group.
        normalized_t_score: 50 + 10 Φ⁻¹(percentile rank / 100).
        lookup: combined group and mark of each, ascending.
        width: how many numbers a group takes in ``lookup``.
    """

    keys: pl.DataFrame
    size: NDArray[np.int32]
    rank: NDArray[np.int32]
    percentile_rank: Numbers
    z_score: Numbers
    normalized_t_score: Numbers
    lookup: Whole
    width: int

    def standings(self, group: Integers, units: Whole) -> pl.DataFrame:
        """Standing of candidates: the columns of :data:`FIGURES`, null for codes below 0 (not present).

        Args:
            group: position of every candidate's group in ``keys``; −1 for a group that is not there.
            units: every candidate's code.

        Raises:
            DomainError: ``scoring.unknown_mark`` if a present candidate was never counted in the histogram.
        """
        away = units < 0
        if away.all():
            return pl.DataFrame(schema=FIGURES).clear(len(units))
        row = self._rows(group, units, away)
        z = self.z_score.take(row)
        # Whoever is away has found the figures of some row or other; they are emptied at the end.
        figures: dict[str, Column] = {
            "rank": self.rank.take(row),
            "n": self.size.take(group),
            "percentile_rank": self.percentile_rank.take(row),
            "z_score": z,
            "t_score": 50 + 10 * z,
            "normalized_t_score": self.normalized_t_score.take(row),
        }
        emptied = pl.Series(away)
        return pl.DataFrame([pl.Series(name, values).set(emptied, None) for name, values in figures.items()])

    def _rows(self, group: Integers, units: Whole, away: NDArray[np.bool_]) -> Integers:
        span = self.keys.height * self.width
        wanted = group * self.width
        wanted += units
        wanted[away | (group < 0) | (units >= self.width)] = span
        if self._row_at is not None:
            row = self._row_at.take(wanted).astype(np.int64)
        else:
            nearest = np.searchsorted(self.lookup, wanted)
            known = np.append(self.lookup, span + 1)[nearest] == wanted
            row = np.where(known, nearest, -1)
        if np.count_nonzero(row < 0) > np.count_nonzero(away):
            raise DomainError("scoring.unknown_mark")
        return np.maximum(row, 0, out=row)

    @cached_property
    def _row_at(self) -> NDArray[np.int32] | None:
        """Row of every group and mark, −1 where there is none, unless a table of all of them is out of proportion."""
        span = self.keys.height * self.width
        if span > _DENSE_FACTOR * len(self.lookup) + _DENSE_FLOOR:
            return None
        rows = np.full(span + 1, -1, np.int32)
        rows[self.lookup] = np.arange(len(self.lookup), dtype=np.int32)
        return rows


def standing_table(histogram: MarkHistogram) -> StandingTable:
    """Builds the look-up table of all groups of a histogram.

    ``rank`` is 1 + the number above ("1224"); ``percentile_rank = 100 (below + ties / 2) / n``;
    ``z_score = (mark − mean) / sd`` with the population sd (0 where the sd is 0); ``t_score = 50 + 10 z``;
    ``normalized_t_score = 50 + 10 Φ⁻¹(percentile_rank / 100)``.
    """
    view = MarkView(histogram)
    cells = np.diff(view.first_cell)
    # Half the bytes for all but the largest of countries: 2 · below + ties stays within 32 bits.
    whole: type[np.integer[Any]] = np.int32 if view.running[-1] < _HALF_OF_32_BITS else np.int64
    ties: Whole = view.narrow_count.astype(whole, copy=False)
    below: Whole = np.cumsum(ties, dtype=whole)
    below -= ties
    below -= np.repeat(view.before_group.astype(whole), cells)
    n: Whole = np.repeat(view.sat_count.astype(whole), cells)
    rank: Whole = n - below
    rank -= ties
    rank += 1
    middle = below
    middle *= 2
    middle += ties
    percentile_rank: Numbers = np.multiply(50.0, middle, dtype=np.float64)
    percentile_rank /= n
    return StandingTable(
        keys=view.keys,
        size=view.sat_count.astype(np.int32),
        rank=rank.astype(np.int32, copy=False),
        percentile_rank=percentile_rank,
        z_score=_z_scores(view, cells),
        normalized_t_score=_normalized(middle, view, cells),
        lookup=view.place,
        width=histogram.subject.full_units + 1,
    )


def _normalized(middle: Whole, view: MarkView, cells: Integers) -> Numbers:
    """``50 + 10 Φ⁻¹(PR / 100)`` with PR = 50 · middle / n, where middle = 2 · below + ties."""
    size = view.sat_count
    sizes = np.unique(size)
    width = 2 * int(sizes.max(initial=0)) + 1
    if len(sizes) * width > len(middle):
        scores: Numbers = 50 + 10 * ndtri(50.0 * middle / np.repeat(size, cells) / 100)
        return scores
    # Thousands of small classes share a few sizes: every possible rank is worked out once.
    with np.errstate(all="ignore"):
        every = 50 + 10 * ndtri(50 * np.arange(width) / sizes[:, None] / 100)
    row = np.searchsorted(sizes, size) * width
    scores = every.ravel()[np.repeat(row, cells) + middle]
    return scores


def _z_scores(view: MarkView, cells: Integers) -> Numbers:
    n = np.maximum(view.sat_count, 1)
    sd: Column = np.sqrt(view.centered_squares / n)
    mean_offset = (view.unit_sum - n * view.center) / n
    z: Numbers = view.narrow_unit.astype(np.float64)
    z -= np.repeat(view.center.astype(np.float64), cells)
    z -= np.repeat(mean_offset, cells)
    # Where the sd is 0 every deviation is exactly 0 and stays so.
    z /= np.repeat(np.where(sd == 0, 1.0, sd), cells)
    return z
