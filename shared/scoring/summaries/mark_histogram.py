"""Mark histogram of one subject: per group, how often each mark and each status occurs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.levels import column_order, keys_at
from shared.scoring.subjects import MarkStatus, Subject
from shared.scoring.summaries.group_counts import GroupCounts, Integers, gather_counts, merge_counts
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
        rolled: dict[OrgLevel, MarkHistogram] = {}
        below = self
        for level in reversed(column_order(levels)):
            below = rolled[level] = below.at_level(level)
        return rolled

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
    return MarkHistogram(subject, gather_counts(keys, index, codes.to_numpy().astype(np.int64)))


def merge_histograms(parts: Sequence[MarkHistogram]) -> MarkHistogram:
    """Adds histograms of the same subject; raises ``DomainError`` ``scoring.summary_different_subjects`` otherwise."""
    for part in parts[1:]:
        parts[0]._require_same_grid(part)
    return MarkHistogram(parts[0].subject, merge_counts([part.counts for part in parts]))


LeveledHistograms = Mapping[tuple[str, OrgLevel], MarkHistogram]
"""Histograms by subject and level."""


def level_histograms(histograms: Iterable[MarkHistogram], levels: Sequence[OrgLevel]) -> LeveledHistograms:
    """Rolls histograms by class up to several levels, once for all that is finished from them."""
    return {
        (histogram.subject.code, level): rolled
        for histogram in histograms
        for level, rolled in histogram.at_levels(levels).items()
    }


class MarkView:
    """A histogram laid out for finishing: present cells with running counts, and totals per group.

    Arrays named ``cell_*`` have one entry per occupied mark, the others one per group; sums are exact integers.
    """

    def __init__(self, histogram: MarkHistogram) -> None:
        counts = histogram.counts
        present = counts.cell >= 0
        self.subject = histogram.subject
        self.keys = counts.keys
        self.group_count = counts.keys.height
        self.cell_group = counts.group[present]
        self.cell_unit = counts.cell[present]
        self.cell_count = counts.count[present]
        self._other = (counts.group[~present], counts.cell[~present], counts.count[~present])

    @cached_property
    def first_cell(self) -> Integers:
        """Position of each group's first cell, and one past the last group's last."""
        edges: Integers = np.searchsorted(self.cell_group, np.arange(self.group_count + 1))
        return edges

    @cached_property
    def running(self) -> Integers:
        """Candidates before each cell over all groups in order, and the grand total."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.cell_count)])

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
        return self._per_group(group[cell == status], count[cell == status])

    @cached_property
    def registered_count(self) -> Integers:
        """Present, absent and void candidates."""
        return self.sat_count + self.status_count(MarkStatus.ABSENT) + self.status_count(MarkStatus.VOID)

    @cached_property
    def unit_sum(self) -> Integers:
        """Sum of marks in grid units."""
        return self._per_group(self.cell_group, self.cell_count * self.cell_unit)

    @cached_property
    def center(self) -> Integers:
        """A whole number of units next to the mean, around which squares are summed without loss."""
        n = np.maximum(self.sat_count, 1)
        nearest: Integers = (2 * self.unit_sum + n) // (2 * n)
        return nearest

    @cached_property
    def centered_squares(self) -> NDArray[np.float64]:
        """Sum of squared deviations from the mean, in squared units; exactly 0 where all marks are equal."""
        deviation = self.cell_unit - self.center[self.cell_group]
        squares = self._per_group(self.cell_group, self.cell_count * deviation**2)
        shift = self.unit_sum - self.sat_count * self.center
        result: NDArray[np.float64] = squares - shift**2 / np.maximum(self.sat_count, 1)
        return result

    def count_reaching(self, units: int) -> Integers:
        """Candidates at or above a number of units."""
        reach = self.cell_unit >= units
        return self._per_group(self.cell_group[reach], self.cell_count[reach])

    def order_statistic(self, groups: Integers, position: Integers) -> Integers:
        """Units of the candidate at a position from below (0 = lowest) in each of some groups."""
        found = np.searchsorted(self.running, self.before_group[groups] + position, side="right") - 1
        units: Integers = self.cell_unit[found]
        return units

    def _per_group(self, group: Integers, values: Integers) -> Integers:
        totals = np.zeros(self.group_count, np.int64)
        if len(group):
            starts = np.flatnonzero(np.diff(group, prepend=-1))
            totals[group[starts]] = np.add.reduceat(values, starts)
        return totals
