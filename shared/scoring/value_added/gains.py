"""Gain: the score rate at the exit minus the score rate at the entrance (SCORING §8.7)."""

from __future__ import annotations

import polars as pl

from shared.scoring.summaries.growth_cells import GrowthCells
from shared.scoring.value_added.school_measures import mean_frame


def gains(cells: GrowthCells) -> pl.DataFrame:
    """Mean gain of every school in points of score rate: 100 · (outcome/full mark − intake/full mark).

    The reference is the city's mean gain. Two papers are rarely equally hard and marks have a ceiling, so that schools
    with high intake gain less; read it beside the other measures, never alone.

    Args:
        cells: the cohort; the first prior is the intake.
    """
    intake, outcome = cells.priors[0], cells.outcome
    gain = 100 * (
        cells.counts[outcome.code].to_numpy() / outcome.full_units
        - cells.counts[intake.code].to_numpy() / intake.full_units
    )
    count = cells.counts["count"].to_numpy()
    total = int(count.sum())
    return mean_frame(cells.counts, gain, reference=float(count @ gain / total) if total else 0.0)
