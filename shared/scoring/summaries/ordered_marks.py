"""Marks of many small groups, finished from the candidates' own marks in order instead of from a histogram.

In a class of fifty nearly every mark is a cell of its own: counting cells would cost more than it saves. The figures are
those of the histogram, bit for bit.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl

from shared.scoring.subjects import MarkStatus, Subject
from shared.scoring.summaries.group_counts import Integers, Whole, combine
from shared.scoring.summaries.mark_view import GroupMarks

_LOWEST = int(min(MarkStatus))
_STATUSES = -_LOWEST
_SQUARE_FITS_32 = 46_340


class RowLayout:
    """Which rows of a sheet belong to which group: worked out once, used by every subject.

    Args:
        keys: distinct sorted group keys, each used by at least one row.
        index: group position of every row.
    """

    def __init__(self, keys: pl.DataFrame, index: Integers) -> None:
        self.keys = keys
        self.index = index
        self.row_count: Integers = np.bincount(index, minlength=keys.height)
        self.first_row: Integers = np.cumsum(self.row_count) - self.row_count
        self.ordered: Whole = np.repeat(np.arange(keys.height, dtype=np.int32), self.row_count)
        """Group of every row, ascending."""

    @property
    def is_fine(self) -> bool:
        """Whether groups are so small that their rows are laid out rather than counted."""
        return len(self.index) < 64 * self.keys.height


class OrderedMarks(GroupMarks):
    """One subject's marks by group, from below; candidates who were not present come before all marks.

    Args:
        layout: the groups of the rows.
        codes: the subject's code column.
        subject: its grid.
    """

    def __init__(self, layout: RowLayout, codes: pl.Series, subject: Subject) -> None:
        super().__init__(subject, layout.keys)
        cells = codes.to_numpy()
        self._layout = layout
        self._width = subject.full_units + 1 + _STATUSES
        self._place = combine(layout.index, cells, width=self._width, height=self.group_count, lowest=_LOWEST)
        self._place.sort()
        away = np.flatnonzero(cells < 0)
        state = layout.index[away] * _STATUSES + (cells[away] - _LOWEST)
        self._away = np.bincount(state, minlength=self.group_count * _STATUSES).reshape(-1, _STATUSES)

    @cached_property
    def sat_count(self) -> Integers:
        """Candidates present."""
        sat: Integers = self._layout.row_count - self._away.sum(axis=1)
        return sat

    def status_count(self, status: MarkStatus) -> Integers:
        """Candidates with a status other than present."""
        counts: Integers = self._away[:, status - _LOWEST]
        return counts

    @cached_property
    def unit_sum(self) -> Integers:
        """Sum of marks in grid units."""
        return self._per_group(self._units)

    @cached_property
    def square_sum(self) -> Integers:
        """Sum of squared marks in squared units."""
        units = self._units if self.subject.full_units <= _SQUARE_FITS_32 else self._units.astype(np.int64)
        return self._per_group(units * units)

    def order_statistic(self, groups: Integers, position: Integers) -> Integers:
        """Units of the candidate at a position from below (0 = lowest) in each of some groups."""
        units: Integers = self._place[self._first_present[groups] + position] - self._zero[groups]
        return units

    def _count_from(self, units: int) -> Integers:
        first = np.searchsorted(self._place, (self._zero + units).astype(self._place.dtype))
        return self._layout.first_row + self._layout.row_count - first

    @cached_property
    def _zero(self) -> Integers:
        """The place of mark 0 of every group."""
        return np.arange(self.group_count, dtype=np.int64) * self._width + _STATUSES

    @cached_property
    def _first_present(self) -> Integers:
        return self._layout.first_row + self._layout.row_count - self.sat_count

    @cached_property
    def _units(self) -> Whole:
        """Marks in order; 0 for candidates who were not present."""
        zero = combine(self._layout.ordered, _NONE, width=self._width, height=self.group_count, lowest=_LOWEST)
        units: Whole = np.maximum(self._place - zero, 0)
        return units

    def _per_group(self, values: Whole) -> Integers:
        sums: Integers = np.add.reduceat(values, self._layout.first_row, dtype=np.int64)
        return sums


_NONE = np.zeros(1, np.int32)
