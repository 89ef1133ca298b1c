"""Counts of whole-number cells per group: the exact, mergeable heart of every histogram.

Stored as the occupied cells only, ordered by group and cell. A class of fifty pupils takes at most fifty cells however
fine the grid, a city at most the grid; so one form serves all levels. Counting picks a dense table or a sort by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import index_groups
from shared.terms.errors import DomainError

Integers = NDArray[np.int64]
_DENSE_FACTOR = 8
_DENSE_FLOOR = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class GroupCounts:
    """Occupied cells of groups.

    Args:
        keys: distinct group keys, sorted; every group has at least one cell.
        group: position of each cell's group in ``keys``, ascending.
        cell: the cell's number, ascending within its group; may be negative.
        count: how many rows fell in the cell, above 0.
    """

    keys: pl.DataFrame
    group: Integers
    cell: Integers
    count: Integers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GroupCounts):
            return NotImplemented
        return (
            self.keys.equals(other.keys)
            and np.array_equal(self.group, other.group)
            and np.array_equal(self.cell, other.cell)
            and np.array_equal(self.count, other.count)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def row_count(self) -> int:
        """Rows counted."""
        return int(self.count.sum())

    def roll_up(self, keys: pl.DataFrame) -> GroupCounts:
        """The same counts in larger groups.

        Args:
            keys: the new key of every group, aligned with ``self.keys``; groups of equal key become one.
        """
        unique, index = index_groups(keys)
        return _collect(unique, index[self.group], self.cell, weight=self.count)

    def __add__(self, other: GroupCounts) -> GroupCounts:
        return merge_counts([self, other])

    def __sub__(self, other: GroupCounts) -> GroupCounts:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if it was not in."""
        return merge_counts([self, other], signs=[1, -1])


def gather_counts(keys: pl.DataFrame, index: Integers, cell: Integers) -> GroupCounts:
    """Counts rows per group and cell.

    Args:
        keys: distinct sorted keys, each used by at least one row.
        index: group position of every row.
        cell: cell of every row.
    """
    return _collect(keys, index, cell)


def merge_counts(parts: Sequence[GroupCounts], *, signs: Sequence[int] | None = None) -> GroupCounts:
    """Adds any number of counts in one step; the order of the parts does not matter.

    Args:
        parts: at least one, with the same key columns.
        signs: 1 to add or −1 to subtract, per part; all are added by default.

    Raises:
        DomainError: ``scoring.summary_not_contained`` if a subtracted cell was not contained in the rest.
    """
    factors = signs or [1] * len(parts)
    unique, index = index_groups(pl.concat([part.keys for part in parts]))
    offsets = np.cumsum([0, *(part.keys.height for part in parts[:-1])])
    merged = _collect(
        unique,
        np.concatenate([index[part.group + offset] for part, offset in zip(parts, offsets, strict=True)]),
        np.concatenate([part.cell for part in parts]),
        weight=np.concatenate([part.count * sign for part, sign in zip(parts, factors, strict=True)]),
    )
    if (merged.count < 0).any():
        raise DomainError("scoring.summary_not_contained")
    return merged


def tally(key: Integers, weight: Integers | None = None) -> tuple[Integers, Integers]:
    """Distinct non-negative keys in ascending order, and the total weight of each; keys of weight 0 are left out."""
    span = int(key.max(initial=-1)) + 1
    if span <= _DENSE_FACTOR * len(key) + _DENSE_FLOOR:
        # Float weights are exact: no count comes near 2^53.
        totals = np.bincount(key, weights=weight, minlength=1)
        occupied = np.flatnonzero(totals)
        return occupied, totals[occupied].astype(np.int64)
    if weight is None:
        values, counts = np.unique(key, return_counts=True)
        return values, counts.astype(np.int64)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    sums = np.add.reduceat(weight[order], starts)
    kept = sums != 0
    return ordered[starts][kept], sums[kept]


def _collect(keys: pl.DataFrame, group: Integers, cell: Integers, *, weight: Integers | None = None) -> GroupCounts:
    lowest = int(cell.min(initial=0))
    width = int(cell.max(initial=0)) - lowest + 1
    combined, count = tally(group * width + (cell - lowest), weight)
    found = combined // width
    occupied = found[np.flatnonzero(np.diff(found, prepend=-1))]
    if len(occupied) < keys.height:
        keys, found = keys[occupied], np.searchsorted(occupied, found)
    return GroupCounts(keys, found, combined % width + lowest, count)
