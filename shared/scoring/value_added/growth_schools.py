"""Median and mean growth percentile of schools (SCORING §8.5)."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import binom

from shared.scoring.levels import index_groups
from shared.scoring.statistics.base import Z_95
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.growth_cells import SCHOOL_KEYS, GrowthCells
from shared.scoring.value_added.growth_percentiles import PERCENTILE, growth_percentiles
from shared.scoring.value_added.products import Floats
from shared.scoring.value_added.school_measures import mean_frame, measure_frame

TYPICAL = 50.0


def median_growth(cells: GrowthCells) -> pl.DataFrame:
    """Median growth percentile of every school.

    The interval is the binomial one of a median: from the l-th lowest to the l-th highest percentile, l the largest rank
    with P(Binomial(n, ½) < l) ≤ 0.025, so that it covers at least 95 % whatever the distribution (Conover 1999,
    Practical Nonparametric Statistics, §3.2). ``se`` is its width / (2 · 1.96). Below 6 candidates there is neither.
    """
    return medians(cells.counts, _percentiles(cells))


def mean_growth(cells: GrowthCells) -> pl.DataFrame:
    """Mean growth percentile of every school, se = sd/√n; steadier than the median (Castellano and Ho 2015)."""
    return mean_frame(cells.counts, _percentiles(cells).astype(np.float64), reference=TYPICAL)


def medians(counts: pl.DataFrame, percentiles: Integers) -> pl.DataFrame:
    """Medians of whole numbers from 0 to 100 per school.

    Args:
        counts: cells: school keys and ``count``.
        percentiles: percentile of each cell.
    """
    schools, index = index_groups(counts.select(SCHOOL_KEYS))
    table = np.bincount(
        index * 101 + percentiles, weights=counts["count"].to_numpy(), minlength=101 * schools.height
    ).reshape(schools.height, 101)
    reached = table.astype(np.int64).cumsum(axis=1)
    n = reached[:, -1]
    value = (_order_statistic(reached, (n + 1) // 2) + _order_statistic(reached, n // 2 + 1)) / 2
    # ppf is the first k with P(X ≤ k) ≥ 0.025, hence P(X < k) < 0.025.
    rank = binom.ppf(0.025, n, 0.5).astype(np.int64)
    known = rank > 0
    low = np.where(known, _order_statistic(reached, np.maximum(rank, 1)), np.nan)
    high = np.where(known, _order_statistic(reached, n + 1 - np.maximum(rank, 1)), np.nan)
    se = (high - low) / (2 * Z_95)
    return measure_frame(schools, n=n, value=value, se=se, reference=TYPICAL).with_columns(
        pl.Series("ci_low", low).fill_nan(None), pl.Series("ci_high", high).fill_nan(None)
    )


def _order_statistic(reached: Integers, rank: Integers) -> Floats:
    """The rank-th lowest value of every row of cumulative counts."""
    place: Floats = (reached < rank[:, None]).sum(axis=1).astype(np.float64)
    return place


def _percentiles(cells: GrowthCells) -> Integers:
    """Percentile of every cell; median and mean share one fit of the hundred quantiles."""
    if PERCENTILE not in cells.finished:
        found = growth_percentiles(cells)
        joined = cells.counts.join(found, on=list(cells.mark_columns), how="left", maintain_order="left")
        cells.finished[PERCENTILE] = joined[PERCENTILE].to_numpy()
    return cells.finished[PERCENTILE]
