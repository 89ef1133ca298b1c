"""Joint histogram of an intake and an outcome: per school, how often each pair of marks occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import GroupCounts, Integers, gather_counts, merge_counts


@dataclass(frozen=True, slots=True)
class JointHistogram:
    """Pairs of marks per group, for candidates who have both.

    Args:
        intake: grid of the intake.
        outcome: grid of the outcome.
        counts: cells numbered ``intake units · (outcome full units + 1) + outcome units``.
    """

    intake: Subject
    outcome: Subject
    counts: GroupCounts

    @property
    def intake_units(self) -> Integers:
        """Intake mark of every cell."""
        return self.counts.cell.astype(np.int64) // (self.outcome.full_units + 1)

    @property
    def outcome_units(self) -> Integers:
        """Outcome mark of every cell."""
        return self.counts.cell.astype(np.int64) % (self.outcome.full_units + 1)

    def __add__(self, other: JointHistogram) -> JointHistogram:
        return merge_joint_histograms([self, other])

    def __sub__(self, other: JointHistogram) -> JointHistogram:
        return JointHistogram(self.intake, self.outcome, self.counts - other.counts)


def gather_joint_histogram(
    keys: pl.DataFrame, index: Integers, *, intake: tuple[Subject, pl.Series], outcome: tuple[Subject, pl.Series]
) -> JointHistogram:
    """Counts pairs of marks.

    Args:
        keys: distinct sorted group keys, each used.
        index: group position of every row.
        intake: the intake's grid and its marks in units, none missing.
        outcome: the outcome's grid and its marks in units, none missing.
    """
    width = outcome[0].full_units + 1
    cells = intake[1].to_numpy().astype(np.int64) * width + outcome[1].to_numpy()
    return JointHistogram(intake[0], outcome[0], gather_counts(keys, index, cells))


def merge_joint_histograms(parts: Sequence[JointHistogram]) -> JointHistogram:
    """Adds joint histograms of the same pair of subjects."""
    return JointHistogram(parts[0].intake, parts[0].outcome, merge_counts([part.counts for part in parts]))
