"""Mark histogram of one subject: per group, how often each mark and each status occurs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.levels import column_order, index_groups, keys_at
from shared.scoring.subjects import Subject
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
