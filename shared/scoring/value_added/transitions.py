"""Transition matrix: intake tenth by outcome tenth (SCORING §6.3)."""

from __future__ import annotations

import numpy as np
import polars as pl

from shared.scoring.levels import LEVEL_KEYS
from shared.scoring.summaries.group_counts import Integers, Whole
from shared.scoring.summaries.joint_histogram import JointHistogram
from shared.terms.organization import OrgLevel

TENTHS = 10


def doubled_percentile_ranks(units: Integers, count: Whole) -> Integers:
    """``2·below + ties`` of every cell's mark among all cells; divided by 2n it is the percentile rank, exactly."""
    _, position = np.unique(units, return_inverse=True)
    ties = np.bincount(position, weights=count).astype(np.int64)
    below = np.cumsum(ties) - ties
    doubled: Integers = (2 * below + ties)[position]
    return doubled


def tenths(units: Integers, count: Whole) -> Integers:
    """Tenth (1 lowest, 10 highest) of every cell's mark: ⌊percentile rank / 10⌋ + 1; equal marks share a tenth."""
    return TENTHS * doubled_percentile_ranks(units, count) // (2 * int(count.sum())) + 1


def transition_table(joint: JointHistogram) -> pl.DataFrame:
    """Counts and row shares for every school and for all together.

    Tenths are those of all candidates who have both marks. ``share`` is the count over the row's sum (the school's
    candidates of that intake tenth), null where the row is empty.

    Returns:
        ``level, county_code, school_code, intake_tenth, outcome_tenth, count, share``: 100 rows per school and 100
        for the city; none at all without candidates.
    """
    counts = joint.counts
    if not counts.row_count:
        return pl.DataFrame()
    intake, outcome = tenths(joint.intake_units, counts.count), tenths(joint.outcome_units, counts.count)
    matrix = np.zeros((counts.keys.height + 1, TENTHS, TENTHS), np.int64)
    np.add.at(matrix, (counts.group, intake - 1, outcome - 1), counts.count)
    matrix[-1] = matrix[:-1].sum(axis=0)
    rows = matrix.sum(axis=2, keepdims=True)
    share = np.where(rows > 0, matrix / np.maximum(rows, 1), np.nan)
    places = np.repeat(np.arange(len(matrix)), TENTHS**2)
    school = LEVEL_KEYS[OrgLevel.SCHOOL]
    levels = pl.DataFrame({"level": ["school"] * counts.keys.height + ["city"]})
    keys = pl.concat([counts.keys, pl.DataFrame({key: [None] for key in school}, schema=counts.keys.schema)])
    cell = np.tile(np.arange(TENTHS**2), len(matrix))
    return pl.concat([levels, keys], how="horizontal")[places].with_columns(
        pl.Series("intake_tenth", cell // TENTHS + 1),
        pl.Series("outcome_tenth", cell % TENTHS + 1),
        pl.Series("count", matrix.ravel()),
        pl.Series("share", share.ravel()).fill_nan(None),
    )
