"""Student growth percentile: the outcome's place among candidates with like priors (SCORING §8.5).

Conditional quantiles at 0.005, 0.015 … 0.995 by quantile regression on cubic B-splines of the priors; where quantile
curves cross, the predictions at a point are sorted (Chernozhukov, Fernández-Val and Galichon 2010, Econometrica 78,
1093–1125). The percentile is the number of quantiles below the outcome, from 1 to 99 (Betebenner 2009, Educational
Measurement: Issues and Practice 28(4), 42–51). Equal marks are one weighted cell, so the cost follows the grid and not
the cohort.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.growth_cells import GrowthCells
from shared.scoring.value_added.products import Floats, NotComputedError, NotComputedReason
from shared.scoring.value_added.quantile_regression import WeightedCells, fit_quantiles
from shared.scoring.value_added.spline_basis import SplineBasis, spline_basis

TAUS: Floats = np.arange(5, 1000, 10) / 1000
PERCENTILE = "growth_percentile"
MIN_COHORT = 100
"""Smallest cohort: a hundred quantiles cannot be told apart by fewer candidates."""
PRECISION = 1e-5
"""Last rounding-off of the check loss, in grid steps of the outcome."""
_CHUNK = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class GrowthCurves:
    """Fitted quantiles of a cohort.

    Args:
        bases: basis of each prior, ``None`` for a prior that does not vary.
        coefficients: shape (100, p): intercept, then each prior's basis functions without the first.
    """

    bases: tuple[SplineBasis | None, ...]
    coefficients: Floats

    def predict(self, priors: Floats) -> Floats:
        """Quantiles in grid units of the outcome, shape (rows, 100), ascending in every row.

        Args:
            priors: grid units, shape (rows, number of priors).
        """
        return np.sort(design(self.bases, priors) @ self.coefficients.T, axis=1)


def growth_curves(cells: GrowthCells) -> GrowthCurves:
    """Fits the hundred quantiles of a whole cohort.

    Raises:
        NotComputedError: fewer than 100 candidates; an outcome that does not vary.
    """
    return _fitted(_cohort(cells), cells)


def _fitted(cohort: pl.DataFrame, cells: GrowthCells) -> GrowthCurves:
    if cohort["count"].sum() < MIN_COHORT:
        raise NotComputedError(NotComputedReason.FEW_CANDIDATES)
    outcome = cohort[cells.outcome.code].cast(pl.Float64).to_numpy()
    if outcome.min() == outcome.max():
        raise NotComputedError(NotComputedReason.NO_OUTCOME_VARIANCE)
    points, point = _points(cohort, cells)
    weight = cohort["count"].to_numpy()
    at_point = np.bincount(point, weights=weight).astype(np.int64)
    bases = tuple(spline_basis(column, at_point) for column in points.T)
    weighted = WeightedCells(design(bases, points), point, outcome, weight.astype(np.float64))
    return GrowthCurves(bases, fit_quantiles(weighted, TAUS, precision=PRECISION))


def growth_percentiles(cells: GrowthCells, curves: GrowthCurves | None = None) -> pl.DataFrame:
    """The percentile of every combination of marks that occurs: join it to candidates by their marks.

    Args:
        cells: the cohort.
        curves: fitted curves, of this cohort (default) or of a baseline cohort.

    Returns:
        One row per combination: marks in grid units, ``growth_percentile`` from 1 to 99. An outcome equal to a quantile
        is not above it.
    """
    cohort = _cohort(cells)
    known = curves or _fitted(cohort, cells)
    points, point = _points(cohort, cells)
    outcome = cohort[cells.outcome.code].to_numpy() - 2 * PRECISION
    above = np.empty(len(point), np.int64)
    for first in range(0, len(point), _CHUNK):
        part = slice(first, first + _CHUNK)
        low, high = point[part][0], point[part][-1] + 1
        quantiles = known.predict(points[low:high])
        above[part] = (quantiles[point[part] - low] < outcome[part, None]).sum(axis=1)
    return cohort.select(*cells.mark_columns, pl.Series(PERCENTILE, np.clip(above, 1, 99)))


def design(bases: tuple[SplineBasis | None, ...], priors: Floats) -> Floats:
    """Design matrix: 1, then for each prior its basis functions but the first, which follows from the others."""
    parts = [basis.matrix(column)[:, 1:] for basis, column in zip(bases, priors.T, strict=True) if basis is not None]
    return np.column_stack([np.ones(len(priors)), *parts])


def _cohort(cells: GrowthCells) -> pl.DataFrame:
    marks = list(cells.mark_columns)
    return cells.counts.group_by(marks).agg(pl.col("count").sum()).sort(marks)


def _points(cohort: pl.DataFrame, cells: GrowthCells) -> tuple[Floats, Integers]:
    """Distinct priors, ascending, and the position of every cell's."""
    priors = cohort.select(prior.code for prior in cells.priors)
    point = priors.select(pl.struct(pl.all()).rle_id().cast(pl.Int64)).to_series().to_numpy()
    first = np.flatnonzero(np.diff(point, prepend=-1))
    return priors.cast(pl.Float64).to_numpy()[first], point
