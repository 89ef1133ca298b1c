"""Marks of groups laid out for finishing: what every statistic of SCORING §2 asks of a group, and a histogram's answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.subjects import MarkStatus, Subject
from shared.scoring.summaries.group_counts import Integers, Whole, combine
from shared.scoring.summaries.mark_histogram import MarkHistogram

_SMALL_GROUP = 64


class GroupMarks(ABC):
    """Marks of one subject by group. Arrays have one entry per group; sums are exact 64-bit integers.

    Args:
        subject: the grid.
        keys: distinct sorted group keys.
    """

    def __init__(self, subject: Subject, keys: pl.DataFrame) -> None:
        self.subject = subject
        self.keys = keys
        self.group_count = keys.height
        self._reaching: dict[int, Integers] = {}

    @property
    @abstractmethod
    def sat_count(self) -> Integers:
        """Candidates present."""

    @abstractmethod
    def status_count(self, status: MarkStatus) -> Integers:
        """Candidates with a status other than present."""

    @property
    @abstractmethod
    def unit_sum(self) -> Integers:
        """Sum of marks in grid units."""

    @property
    @abstractmethod
    def square_sum(self) -> Integers:
        """Sum of squared marks in squared units."""

    @abstractmethod
    def order_statistic(self, groups: Integers, position: Integers) -> Integers:
        """Units of the candidate at a position from below (0 = lowest) in each of some groups."""

    @abstractmethod
    def _count_from(self, units: int) -> Integers:
        """Candidates at or above a number of units."""

    def count_reaching(self, units: int) -> Integers:
        """Candidates at or above a number of units; counted once however often it is asked for."""
        if units not in self._reaching:
            self._reaching[units] = self._count_from(units)
        return self._reaching[units]

    @cached_property
    def registered_count(self) -> Integers:
        """Present, absent and void candidates."""
        return self.sat_count + self.status_count(MarkStatus.ABSENT) + self.status_count(MarkStatus.VOID)

    @cached_property
    def center(self) -> Integers:
        """A whole number of units next to the mean, around which squares are summed without loss."""
        n = np.maximum(self.sat_count, 1)
        nearest: Integers = (2 * self.unit_sum + n) // (2 * n)
        return nearest

    @cached_property
    def centered_squares(self) -> NDArray[np.float64]:
        """Sum of squared deviations from the mean, in squared units; exactly 0 where all marks are equal."""
        # Whole numbers throughout: Σ(x − c)² = Σx² − 2cΣx + nc², far below 2^63 for any city.
        squares = self.square_sum - self.center * (2 * self.unit_sum - self.sat_count * self.center)
        shift = self.unit_sum - self.sat_count * self.center
        result: NDArray[np.float64] = squares - shift**2 / np.maximum(self.sat_count, 1)
        return result


class MarkView(GroupMarks):
    """A histogram laid out: present cells with running counts. Arrays named ``cell_*`` have one entry per occupied mark."""

    def __init__(self, histogram: MarkHistogram) -> None:
        counts = histogram.counts
        super().__init__(histogram.subject, counts.keys)
        present = counts.cell >= 0
        self._group = counts.group[present]
        self._unit = counts.cell[present]
        self._count = counts.count[present]
        self._other = (counts.group[~present], counts.cell[~present], counts.count[~present])

    @cached_property
    def cell_group(self) -> Integers:
        """Group of every cell, ascending."""
        return self._group.astype(np.int64)

    @cached_property
    def cell_unit(self) -> Integers:
        """Mark of every cell in grid units, ascending within its group."""
        return self._unit.astype(np.int64)

    @cached_property
    def cell_count(self) -> Integers:
        """Candidates with that mark."""
        return self._count.astype(np.int64)

    @property
    def narrow_unit(self) -> Whole:
        """:attr:`cell_unit` in 32 bits where it fits."""
        return self._unit

    @property
    def narrow_count(self) -> Whole:
        """:attr:`cell_count` in 32 bits where it fits."""
        return self._count

    @cached_property
    def place(self) -> Whole:
        """Group and mark of every cell in one ascending number: ``group · (full units + 1) + mark``."""
        return combine(self._group, self._unit, width=self.subject.full_units + 1, height=self.group_count)

    @cached_property
    def first_cell(self) -> Integers:
        """Position of each group's first cell, and one past the last group's last."""
        edges: Integers = np.searchsorted(self._group, np.arange(self.group_count + 1, dtype=self._group.dtype))
        return edges

    @cached_property
    def running(self) -> Integers:
        """Candidates before each cell over all groups in order, and the grand total."""
        running = np.zeros(len(self._count) + 1, np.int64)
        np.cumsum(self._count, out=running[1:])
        return running

    @cached_property
    def before_group(self) -> Integers:
        """Candidates in all earlier groups."""
        return self.running[self.first_cell[:-1]]

    @cached_property
    def sat_count(self) -> Integers:
        """Candidates present."""
        return np.diff(self.running[self.first_cell])

    def status_count(self, status: MarkStatus) -> Integers:
        """Candidates with a status other than present."""
        group, cell, count = self._other
        chosen = cell == status
        # Float weights are exact: no count comes near 2^53.
        totals = np.bincount(group[chosen], weights=count[chosen], minlength=self.group_count)
        return totals.astype(np.int64)

    @cached_property
    def unit_sum(self) -> Integers:
        """Sum of marks in grid units."""
        return self._per_group(self._weighted)

    @cached_property
    def square_sum(self) -> Integers:
        """Sum of squared marks in squared units."""
        return self._per_group(self._weighted * self._unit)

    def order_statistic(self, groups: Integers, position: Integers) -> Integers:
        """Units of the candidate at a position from below (0 = lowest) in each of some groups."""
        wanted = self.before_group[groups] + position
        if self.group_count * _SMALL_GROUP < self.running[-1]:
            found = np.searchsorted(self.running, wanted, side="right") - 1
            units: Integers = self._unit[found].astype(np.int64)
            return units
        near: Integers = self._in_order[wanted].astype(np.int64)
        return near

    def _count_from(self, units: int) -> Integers:
        floor = np.arange(self.group_count, dtype=np.int64) * (self.subject.full_units + 1) + units
        first = np.searchsorted(self.place, floor.astype(self.place.dtype))
        return self.running[self.first_cell[1:]] - self.running[first]

    @cached_property
    def _in_order(self) -> Whole:
        """Mark of every candidate present, by group and from below: for many small groups quicker than searching."""
        ordered: Whole = np.repeat(self._unit, self._count)
        return ordered

    @cached_property
    def _weighted(self) -> Integers:
        weighted: Integers = np.multiply(self._count, self._unit, dtype=np.int64)
        return weighted

    def _per_group(self, values: Integers) -> Integers:
        totals = np.zeros(self.group_count, np.int64)
        occupied = np.flatnonzero(self.sat_count)
        if len(occupied):
            totals[occupied] = np.add.reduceat(values, self.first_cell[occupied])
        return totals
