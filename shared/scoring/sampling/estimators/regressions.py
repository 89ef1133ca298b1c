"""Estimated regressions (SCORING §8b.9)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from shared.scoring.sampling.estimators.base import Estimator, Floats, SampleRows

INTERCEPT = "intercept"
_RELATIVE_ZERO = 1e-12


def regression(covariates: Sequence[str]) -> Estimator:
    """Weighted least squares of the outcome on covariates: ``β = (Σ w x xᵀ)⁻¹ Σ w x y``.

    From cross products per group and unit, around the means of the whole sample so that nothing is lost to their size. No
    figures where a covariate is constant or follows from the others.

    Args:
        covariates: numeric columns; a category is given as 0/1 columns.
    """
    return Estimator("regression", (INTERCEPT, *covariates), _values, covariates=tuple(covariates))


def _values(rows: SampleRows, factors: Floats) -> Floats:
    columns = np.column_stack([rows.covariates, rows.outcome])
    center = np.average(columns, axis=0, weights=rows.weight)
    wide = np.column_stack([np.ones(len(columns)), columns - center])
    width = wide.shape[1]
    products = np.empty((len(factors), rows.groups, width, width))
    for left in range(width):
        for right in range(left + 1):
            products[:, :, left, right] = factors @ rows.unit_sums(wide[:, left] * wide[:, right]).T
            products[:, :, right, left] = products[:, :, left, right]
    slopes = _solved(products)
    shift = center[-1] - slopes[:, :, 1:] @ center[:-1]
    slopes[:, :, 0] += shift
    return slopes


def _solved(products: Floats) -> Floats:
    square, target = products[..., :-1, :-1], products[..., :-1, -1]
    size = square.shape[-1]
    spread = np.sqrt(np.maximum(np.diagonal(square, axis1=-2, axis2=-1), 0.0))
    scale = np.where(spread > 0, spread, 1.0)
    scaled = square / (scale[..., :, None] * scale[..., None, :])
    ranks = np.linalg.matrix_rank(scaled, tol=_RELATIVE_ZERO * size, hermitian=True)
    whole = ranks == size
    scaled = np.where(whole[..., None, None], scaled, np.eye(size))
    solution = np.linalg.solve(scaled, (target / scale)[..., None])[..., 0] / scale
    return np.where(whole[..., None], solution, np.nan)
