"""Counts of whole-number cells per group: the exact, mergeable heart of every histogram.

Stored as the occupied cells only, ordered by group and cell. A class of fifty pupils takes at most fifty cells however
fine the grid, a city at most the grid; so one form serves all levels. Counting picks a dense table or a sort by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import index_groups
from shared.terms.errors import DomainError

Integers = NDArray[np.int64]
Whole = NDArray[np.integer[Any]]
"""32-bit integers, or 64-bit where the numbers need them; widen before multiplying."""
_INT32 = np.iinfo(np.int32)
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
    group: Whole
    cell: Whole
    count: Whole

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
        return self.regroup(*index_groups(keys))

    def regroup(self, keys: pl.DataFrame, index: Whole) -> GroupCounts:
        """The same counts in larger groups, numbered before.

        Args:
            keys: distinct sorted keys of the larger groups, each used.
            index: for every present group, the position of its larger one.
        """
        return _collect(keys, index[self.group], self.cell, weight=self.count)

    def __add__(self, other: GroupCounts) -> GroupCounts:
        return merge_counts([self, other])

    def __sub__(self, other: GroupCounts) -> GroupCounts:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if it was not in."""
        return merge_counts([self, other], signs=[1, -1])


def gather_counts(keys: pl.DataFrame, index: Whole, cell: Whole) -> GroupCounts:
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
    if all(part.keys.equals(parts[0].keys) for part in parts[1:]):
        unique, groups = parts[0].keys, [part.group for part in parts]
    else:
        unique, index = index_groups(pl.concat([part.keys for part in parts]))
        offsets = np.cumsum([0, *(part.keys.height for part in parts[:-1])])
        groups = [index[part.group + offset] for part, offset in zip(parts, offsets, strict=True)]
    merged = _collect(
        unique,
        np.concatenate(groups),
        np.concatenate([part.cell for part in parts]),
        weight=np.concatenate([part.count * sign for part, sign in zip(parts, factors, strict=True)]),
    )
    if (merged.count < 0).any():
        raise DomainError("scoring.summary_not_contained")
    return merged


def tally(key: Whole, weight: Whole | None = None) -> tuple[Whole, Whole]:
    """Distinct non-negative keys in ascending order, and the total weight of each; keys of weight 0 are left out."""
    span = int(key.max(initial=-1)) + 1
    if weight is None and span > len(key):
        # Sorting 32-bit keys takes a fraction of the time of filling a table larger than the keys.
        ordered = np.sort(key)
        starts = _run_starts(ordered)
        return ordered[starts], np.diff(starts, append=len(ordered))
    if weight is None or span <= _DENSE_FACTOR * len(key) + _DENSE_FLOOR:
        # Float weights are exact: no count comes near 2^53.
        totals = np.bincount(key, weights=weight, minlength=1)
        occupied = np.flatnonzero(totals)
        return occupied, totals[occupied].astype(np.int64)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = _run_starts(ordered)
    sums = np.add.reduceat(weight[order], starts, dtype=np.int64)
    kept = sums != 0
    return ordered[starts][kept], sums[kept]


def _run_starts(ordered: Whole) -> Integers:
    changes = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=changes[1:])
    return np.flatnonzero(changes)


def _collect(keys: pl.DataFrame, group: Whole, cell: Whole, *, weight: Whole | None = None) -> GroupCounts:
    lowest = int(cell.min(initial=0))
    width = int(cell.max(initial=0)) - lowest + 1
    combined, count = tally(combine(group, cell, width=width, height=keys.height, lowest=lowest), weight)
    found = combined // width
    cells = _narrow(combined - found * width + lowest)
    occupied = found[_run_starts(found)]
    if len(occupied) < keys.height:
        keys, found = keys[occupied], np.searchsorted(occupied, found)
    return GroupCounts(keys, _narrow(found), cells, _narrow(count))


def combine(group: Whole, cell: Whole, *, width: int, height: int, lowest: int = 0) -> Whole:
    """Group and cell in one number, ``group · width + cell − lowest``, in 32 bits where ``height`` groups fit."""
    number = np.int32 if height * width <= _INT32.max else np.int64
    combined: Whole = np.multiply(group, width, dtype=number)
    combined += cell.astype(number)
    combined -= lowest
    return combined


def _narrow(values: Whole) -> Whole:
    fits = values.min(initial=0) >= _INT32.min and values.max(initial=0) <= _INT32.max
    return values.astype(np.int32 if fits else np.int64, copy=False)
