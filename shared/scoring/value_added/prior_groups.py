"""Prior-group residual: how candidates did against all others of like intake (SCORING §8.7).

A companion anyone can recompute with a pencil: outcome minus the city's mean outcome of the same intake group.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import polars as pl

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.growth_cells import GrowthCells
from shared.scoring.value_added.school_measures import mean_frame
from shared.scoring.value_added.transitions import doubled_percentile_ranks

GROUPS = 20


class PriorGrouping(StrEnum):
    """What makes candidates' intake alike."""

    EXACT = "exact"
    TWENTIETHS = "twentieths"


def prior_group_residuals(cells: GrowthCells, grouping: PriorGrouping = PriorGrouping.EXACT) -> pl.DataFrame:
    """Mean residual of every school, in marks; residuals of the whole city add up to 0.

    se = sd/√n of the school's own residuals (none for one candidate); the city's group means are taken as known. A candidate
    alone in an intake group has residual 0 and pulls the school's mean towards 0: with few candidates per mark the
    twenty groups are the better choice.

    Args:
        cells: the cohort; the first prior is the intake.
        grouping: by the exact mark, or by 20 groups of equal size (⌊20 · percentile rank⌋; equal marks stay together).
    """
    count = cells.counts["count"].to_numpy()
    intake = cells.counts[cells.priors[0].code].to_numpy()
    outcome = cells.outcome.marks(cells.counts[cells.outcome.code].to_numpy())
    group = intake if grouping is PriorGrouping.EXACT else twentieths(intake, count)
    _, index = np.unique(group, return_inverse=True)
    expected = np.bincount(index, weights=count * outcome) / np.bincount(index, weights=count)
    return mean_frame(cells.counts, outcome - expected[index], reference=0.0)


def exact_prior_residuals(cells: GrowthCells) -> pl.DataFrame:
    """Residuals by the exact intake mark."""
    return prior_group_residuals(cells, PriorGrouping.EXACT)


def twentieth_residuals(cells: GrowthCells) -> pl.DataFrame:
    """Residuals by twenty intake groups."""
    return prior_group_residuals(cells, PriorGrouping.TWENTIETHS)


def twentieths(units: Integers, count: Integers) -> Integers:
    """Group 0 (lowest) … 19 of every cell's mark, in whole numbers."""
    return GROUPS * doubled_percentile_ranks(units, count) // (2 * int(count.sum()))
