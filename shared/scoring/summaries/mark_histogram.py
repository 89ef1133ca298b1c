"""Mark histogram of one subject: per group, how often each mark and each status occurs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import column_order, index_groups, keys_at
from shared.scoring.subjects import MarkStatus, Subject
from shared.scoring.summaries.group_counts import GroupCounts, Integers, Whole, combine, gather_counts, merge_counts
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


@dataclass(frozen=True, slots=True)
class MarkHistogram:
    """Counts of codes (marks in grid units, statuses as negative numbers) per group of one subject."""

    subject: Subject
    counts: GroupCounts

    def at_level(self, level: OrgLevel) -> MarkHistogram:
        """The histogram rolled up to a level."""
        keys = keys_at(self.counts.keys, level)
        return self if keys.equals(self.counts.keys) else self.roll_up(keys)

    def roll_up(self, keys: pl.DataFrame) -> MarkHistogram:
        """The histogram in the larger groups named by ``keys``, one row per present group."""
        return MarkHistogram(self.subject, self.counts.roll_up(keys))

    def at_levels(self, levels: Sequence[OrgLevel]) -> dict[OrgLevel, MarkHistogram]:
        """The histogram at several levels, each rolled up from the one below it."""
        return LevelSteps(self.counts.keys, levels).climb(self)

    def __add__(self, other: MarkHistogram) -> MarkHistogram:
        return merge_histograms([self, other])

    def __sub__(self, other: MarkHistogram) -> MarkHistogram:
        self._require_same_grid(other)
        return MarkHistogram(self.subject, self.counts - other.counts)

    def _require_same_grid(self, other: MarkHistogram) -> None:
        if other.subject != self.subject:
            raise DomainError(
                "scoring.summary_different_subjects", params={"left": self.subject.code, "right": other.subject.code}
            )


def gather_histogram(keys: pl.DataFrame, index: Integers, codes: pl.Series, *, subject: Subject) -> MarkHistogram:
    """Counts one subject's column of a checked sheet.

    Args:
        keys: distinct sorted group keys.
        index: group position of every row (see :func:`shared.scoring.levels.index_groups`).
        codes: the subject's code column.
        subject: its grid.
    """
    return MarkHistogram(subject, gather_counts(keys, index, codes.to_numpy()))


def merge_histograms(parts: Sequence[MarkHistogram]) -> MarkHistogram:
    """Adds histograms of the same subject; raises ``DomainError`` ``scoring.summary_different_subjects`` otherwise."""
    for part in parts[1:]:
        parts[0]._require_same_grid(part)
    return MarkHistogram(parts[0].subject, merge_counts([part.counts for part in parts]))


_SMALL_GROUP = 64


class LevelSteps:
    """How some groups roll up from level to level: found once, climbed by every subject with the same groups."""

    def __init__(self, keys: pl.DataFrame, levels: Sequence[OrgLevel]) -> None:
        self.keys = keys
        self._steps = list(_steps(keys, levels))

    def climb(self, histogram: MarkHistogram) -> dict[OrgLevel, MarkHistogram]:
        """A histogram of these groups at every level."""
        rolled: dict[OrgLevel, MarkHistogram] = {}
        counts = histogram.counts
        for level, step in self._steps:
            counts = counts if step is None else counts.regroup(*step)
            rolled[level] = MarkHistogram(histogram.subject, counts)
        return rolled

    def places(self, index: Integers) -> dict[OrgLevel, tuple[pl.DataFrame, Integers]]:
        """Per level its keys, and every candidate's group among them.

        Args:
            index: every candidate's group among ``keys``.
        """
        placed: dict[OrgLevel, tuple[pl.DataFrame, Integers]] = {}
        keys = self.keys
        for level, step in self._steps:
            keys, index = (keys, index) if step is None else (step[0], step[1][index])
            placed[level] = (keys, index)
        return placed


def _steps(
    keys: pl.DataFrame, levels: Sequence[OrgLevel]
) -> Iterator[tuple[OrgLevel, tuple[pl.DataFrame, Integers] | None]]:
    for level in reversed(column_order(levels)):
        above = keys_at(keys, level)
        step = None if above.equals(keys) else index_groups(above)
        keys = keys if step is None else step[0]
        yield level, step


LeveledHistograms = Mapping[tuple[str, OrgLevel], MarkHistogram]
"""Histograms by subject and level."""


def level_histograms(histograms: Iterable[MarkHistogram], levels: Sequence[OrgLevel]) -> LeveledHistograms:
    """Rolls histograms by class up to several levels, once for all that is finished from them."""
    leveled: dict[tuple[str, OrgLevel], MarkHistogram] = {}
    steps: LevelSteps | None = None
    for histogram in histograms:
        if steps is None or not steps.keys.equals(histogram.counts.keys):
            steps = LevelSteps(histogram.counts.keys, levels)
        leveled |= {(histogram.subject.code, level): rolled for level, rolled in steps.climb(histogram).items()}
    return leveled


class MarkView:
    """A histogram laid out for finishing: present cells with running counts, and totals per group.

    Arrays named ``cell_*`` have one entry per occupied mark, the others one per group; sums are exact 64-bit integers.
    """

    def __init__(self, histogram: MarkHistogram) -> None:
        counts = histogram.counts
        present = counts.cell >= 0
        self.subject = histogram.subject
        self.keys = counts.keys
        self.group_count = counts.keys.height
        self._group = counts.group[present]
        self._unit = counts.cell[present]
        self._count = counts.count[present]
        self._other = (counts.group[~present], counts.cell[~present], counts.count[~present])
        self._reaching: dict[int, Integers] = {}

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
    def registered_count(self) -> Integers:
        """Present, absent and void candidates."""
        return self.sat_count + self.status_count(MarkStatus.ABSENT) + self.status_count(MarkStatus.VOID)

    @cached_property
    def unit_sum(self) -> Integers:
        """Sum of marks in grid units."""
        return self._sums[0]

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
        squares = self._sums[1] - self.center * (2 * self.unit_sum - self.sat_count * self.center)
        shift = self.unit_sum - self.sat_count * self.center
        result: NDArray[np.float64] = squares - shift**2 / np.maximum(self.sat_count, 1)
        return result

    def count_reaching(self, units: int) -> Integers:
        """Candidates at or above a number of units."""
        if units not in self._reaching:
            floor = np.arange(self.group_count, dtype=np.int64) * (self.subject.full_units + 1) + units
            first = np.searchsorted(self.place, floor.astype(self.place.dtype))
            self._reaching[units] = self.running[self.first_cell[1:]] - self.running[first]
        return self._reaching[units]

    def order_statistic(self, groups: Integers, position: Integers) -> Integers:
        """Units of the candidate at a position from below (0 = lowest) in each of some groups."""
        wanted = self.before_group[groups] + position
        if self.group_count * _SMALL_GROUP < self.running[-1]:
            found = np.searchsorted(self.running, wanted, side="right") - 1
            units: Integers = self._unit[found].astype(np.int64)
            return units
        near: Integers = self._in_order[wanted].astype(np.int64)
        return near

    @cached_property
    def _in_order(self) -> Whole:
        """Mark of every candidate present, by group and from below: for many small groups quicker than searching."""
        ordered: Whole = np.repeat(self._unit, self._count)
        return ordered

    @cached_property
    def _sums(self) -> tuple[Integers, Integers]:
        """Sum of marks and of squared marks per group, in grid units."""
        weighted: Integers = np.multiply(self._count, self._unit, dtype=np.int64)
        sums = self._per_group(weighted)
        weighted *= self._unit
        return sums, self._per_group(weighted)

    def _per_group(self, values: Integers) -> Integers:
        totals = np.zeros(self.group_count, np.int64)
        occupied = np.flatnonzero(self.sat_count)
        if len(occupied):
            totals[occupied] = np.add.reduceat(values, self.first_cell[occupied])
        return totals
