"""The form that every plain value-added measure of schools has (SCORING §8.5, §8.7, §8.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.levels import index_groups
from shared.scoring.statistics.base import Z_95, ratio
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.growth_cells import SCHOOL_KEYS, GrowthCells
from shared.scoring.value_added.labels import ValueAddedLabel
from shared.scoring.value_added.products import Floats


@dataclass(frozen=True, slots=True)
class SchoolMeasure:
    """One measure.

    Args:
        name: its name in results.
        section: section of ``docs/scoring.md``.
        finish: all schools' figures from the cohort's cells, in the columns of ``measure_frame``.
    """

    name: str
    section: str
    finish: Callable[[GrowthCells], pl.DataFrame]


def measure_frame(schools: pl.DataFrame, *, n: Integers, value: Floats, se: Floats, reference: float) -> pl.DataFrame:
    """``county_code, school_code, n, value, se, ci_low, ci_high, reference``: the interval is ± 1.96 se.

    Args:
        schools: keys.
        n: candidates.
        value: the figure.
        se: its standard error, NaN where there is none.
        reference: the value of a school as expected.
    """
    return schools.with_columns(
        pl.Series("n", n),
        pl.Series("value", value),
        pl.Series("se", se).fill_nan(None),
        pl.Series("ci_low", value - Z_95 * se).fill_nan(None),
        pl.Series("ci_high", value + Z_95 * se).fill_nan(None),
        pl.lit(reference, pl.Float64).alias("reference"),
    )


def mean_frame(counts: pl.DataFrame, scores: Floats, *, reference: float) -> pl.DataFrame:
    """School means of a score per cell with se = sd (n − 1) / √n; no se for one candidate.

    Args:
        counts: the cells: school keys and ``count``.
        scores: score of each cell.
        reference: the value of a school as expected.
    """
    schools, index = index_groups(counts.select(SCHOOL_KEYS))
    weight = counts["count"].to_numpy()
    n = np.bincount(index, weights=weight, minlength=schools.height)
    mean = np.bincount(index, weights=weight * scores, minlength=schools.height) / n
    squares = np.bincount(index, weights=weight * (scores - mean[index]) ** 2, minlength=schools.height)
    se = np.sqrt(ratio(squares, n * (n - 1)))
    return measure_frame(schools, n=n.astype(np.int64), value=mean, se=se, reference=reference)


def direction_expr(min_n: int) -> pl.Expr:
    """``above``, ``as_expected`` or ``below`` by the interval alone; a bound on the reference goes to the better label.

    Null where fewer than ``min_n`` candidates stand behind it, or there is no interval.
    """
    labels = (
        pl.when(pl.col("ci_low") >= pl.col("reference"))
        .then(pl.lit(ValueAddedLabel.ABOVE.value))
        .when(pl.col("ci_high") < pl.col("reference"))
        .then(pl.lit(ValueAddedLabel.BELOW.value))
        .otherwise(pl.lit(ValueAddedLabel.AS_EXPECTED.value))
    )
    known = pl.col("ci_low").is_not_null() & pl.col("ci_high").is_not_null() & (pl.col("n") >= min_n)
    return pl.when(known).then(labels)
