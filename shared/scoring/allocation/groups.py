"""Rows that lie group by group, and sums over them in whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Whole = NDArray[Any]
"""Whole numbers: int64, or Python's own (dtype object) where 64 bits do not hold them."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Rows in the order of their groups; no group is empty.

    Args:
        number: group of each row, 0 … count − 1, ascending.
        starts: first row of each group.
        sizes: rows of each group.
    """

    number: Integers
    starts: Integers
    sizes: Integers

    @classmethod
    def of(cls, number: Integers) -> Groups:
        """Groups of ascending numbers; numbers may leave gaps, groups are counted anew."""
        is_first = np.ones(len(number), np.bool_)
        is_first[1:] = number[1:] != number[:-1]
        starts = np.flatnonzero(is_first).astype(np.int64)
        sizes = np.diff(np.append(starts, len(number))).astype(np.int64)
        return cls(np.repeat(np.arange(len(starts), dtype=np.int64), sizes), starts, sizes)

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.starts)

    @property
    def places(self) -> Integers:
        """Place of each row in its group, from 0."""
        return np.arange(len(self.number), dtype=np.int64) - self.starts[self.number]

    def sums(self, values: Whole) -> Whole:
        """Sum of each group."""
        if not self.count:
            return values[:0]
        sums: Whole = np.add.reduceat(values, self.starts)
        return sums

    def counts(self, flags: Flags) -> Integers:
        """How many rows of each group are flagged."""
        return self.sums(flags.astype(np.int64))

    def running(self, values: Whole) -> Whole:
        """Sum of each row and those before it in its group."""
        if not len(values):
            return values
        sums: Whole = np.cumsum(values)
        before = sums[self.starts] - values[self.starts]
        made: Whole = sums - before[self.number]
        return made

    def rows_of(self, chosen: Flags) -> Flags:
        """The rows of chosen groups."""
        return chosen[self.number]
