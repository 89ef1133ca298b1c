"""Sums of non-negative whole numbers per key: mergeable, and a part can be taken away again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import index_groups
from shared.scoring.summaries.group_counts import Integers
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True, eq=False)
class GroupSums:
    """Sums of q columns in G groups.

    Args:
        keys: distinct sorted group keys (G rows), each with at least one sum above 0.
        sums: shape (G, q), none below 0.
    """

    keys: pl.DataFrame
    sums: Integers

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GroupSums):
            return NotImplemented
        return self.keys.equals(other.keys) and np.array_equal(self.sums, other.sums)

    __hash__ = None  # type: ignore[assignment]

    def roll_up(self, keys: pl.DataFrame) -> GroupSums:
        """The same sums in larger groups; ``keys`` names the new group of every present one."""
        return collect_sums(keys, self.sums)

    def __add__(self, other: GroupSums) -> GroupSums:
        return merge_sums([self, other])

    def __sub__(self, other: GroupSums) -> GroupSums:
        """Takes a part away again; raises ``DomainError`` ``scoring.summary_not_contained`` if it was not in."""
        return merge_sums([self, other], signs=[1, -1])


def merge_sums(parts: Sequence[GroupSums], *, signs: Sequence[int] | None = None) -> GroupSums:
    """Adds (or with sign −1 subtracts) any number of sums of the same columns in one step."""
    factors = signs or [1] * len(parts)
    stacked = np.concatenate([part.sums * sign for part, sign in zip(parts, factors, strict=True)])
    merged = collect_sums(pl.concat([part.keys for part in parts]), stacked)
    if (merged.sums < 0).any():
        raise DomainError("scoring.summary_not_contained")
    return merged


def collect_sums(keys: pl.DataFrame, sums: Integers) -> GroupSums:
    """Adds rows of equal key; groups in which every sum is 0 are left out."""
    unique, index = index_groups(keys)
    totals = np.zeros((unique.height, sums.shape[1]), np.int64)
    add_by_group(totals, index, sums)
    kept = np.flatnonzero(totals.any(axis=1))
    return GroupSums(unique[kept], totals[kept])


def add_by_group(totals: Integers, index: NDArray[Any], values: NDArray[Any]) -> None:
    """Adds every row of ``values`` to the row of ``totals`` that ``index`` names, in place.

    Floats must hold whole numbers whose sum per group stays below 2^53.
    """
    if not len(index):
        return
    if (index[1:] < index[:-1]).any():
        order = np.argsort(index, kind="stable")
        index, values = index[order], values[order]
    starts = np.append(0, np.flatnonzero(index[1:] != index[:-1]) + 1)
    # After sorting a group has one run, so no position is named twice.
    totals[index[starts]] += np.add.reduceat(values, starts, axis=0).astype(np.int64)
