"""Per-school cross products of a value-added model, centered without loss and put on the scale of the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from shared.scoring.plan import OutcomeScale
from shared.scoring.summaries.moments import Moments, Numbers

Floats = NDArray[np.float64]
INTERCEPT = "intercept"
RELATIVE_ZERO = 1e-12


class NotComputedReason(StrEnum):
    """Why a model has no estimates."""

    FEW_SCHOOLS = "few_schools"
    FEW_CANDIDATES = "few_candidates"
    NO_OUTCOME_VARIANCE = "no_outcome_variance"
    SINGULAR_DESIGN = "singular_design"
    NO_RESIDUAL_VARIANCE = "no_residual_variance"


class NotComputedError(Exception):
    """A model cannot be estimated from these data; caught where its row is written, never a failed run."""

    def __init__(self, reason: NotComputedReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ModelProducts:
    """Cross products of the columns ``1, covariates …, outcome`` per school, around a common center.

    Args:
        terms: names of the fixed effects: ``intercept`` and the covariates.
        count: candidates per school, shape (J,).
        sums: shape (J, k) with k = number of terms + 1; the first column is the count.
        products: shape (k, k), summed over schools.
        within: shape (k, k): products around each school's own mean, summed over schools.
        center: shape (k − 1,): what was subtracted from covariates (first entry 0) in result units.
        outcome_center: what was subtracted from the outcome, in result units.
        outcome_mean: mean of the outcome over candidates.
        outcome_sd: its population standard deviation.
    """

    terms: tuple[str, ...]
    count: Floats
    sums: Floats
    products: Floats
    within: Floats
    center: Floats
    outcome_center: float
    outcome_mean: float
    outcome_sd: float

    @property
    def candidate_count(self) -> int:
        """Candidates over all schools."""
        return int(self.count.sum())

    @property
    def school_count(self) -> int:
        """Schools with candidates."""
        return len(self.count)

    def school_means(self) -> Floats:
        """Means of all columns per school, shape (J, k)."""
        return self.sums / self.count[:, None]


def model_products(
    moments: Moments,
    *,
    steps: Sequence[float],
    scale: OutcomeScale = OutcomeScale.RAW,
    compositional: bool = False,
) -> ModelProducts:
    """Prepares a model's sufficient statistics.

    Args:
        moments: per school; the outcome is the first column, the covariates follow.
        steps: size of one unit of each column in marks.
        scale: whether the outcome is given in marks or as T = 50 + 10 (x − mean) / sd over the model's candidates.
        compositional: adds the school mean of every covariate as a further covariate.

    Raises:
        NotComputedError: if the outcome does not vary.
    """
    count, sums, products, center = centered(moments)
    total = float(count.sum())
    mean_offset = float(sums[:, 0].sum()) / total if total else 0.0
    square = float(products[:, 0, 0].sum()) - total * mean_offset**2
    if not total or square <= RELATIVE_ZERO * float(products[:, 0, 0].sum()):
        raise NotComputedError(NotComputedReason.NO_OUTCOME_VARIANCE)
    sd = float(np.sqrt(square / total))
    unit = np.array(steps, np.float64)
    outcome_center = center[0] * unit[0]
    if scale is OutcomeScale.T:
        unit[0] = 10 / sd
        outcome_center = 50 - mean_offset * unit[0]
    sums, products = sums * unit, products * np.outer(unit, unit)
    names = list(moments.columns[1:])
    shifts = center[1:] * np.array(steps[1:], np.float64)
    if compositional:
        sums, products = _with_school_means(count, sums, products)
        names += [f"school_mean({name})" for name in moments.columns[1:]]
        shifts = np.tile(shifts, 2)
    sums, products = _with_intercept(count, sums, products)
    between = np.einsum("ja,jb->jab", sums, sums) / count[:, None, None]
    return ModelProducts(
        terms=(INTERCEPT, *names),
        count=count,
        sums=sums,
        products=products.sum(axis=0),
        within=(products - between).sum(axis=0),
        center=np.concatenate([[0.0], shifts]),
        outcome_center=float(outcome_center),
        outcome_mean=float(outcome_center + mean_offset * unit[0]),
        outcome_sd=sd * float(unit[0]),
    )


def require_full_rank(square: Floats) -> None:
    """Raises ``NotComputedError`` when covariates are constant or depend on one another.

    Args:
        square: cross products of intercept and covariates, shape (p, p).
    """
    around = square[1:, 1:] - np.outer(square[0, 1:], square[0, 1:]) / square[0, 0]
    spread = np.sqrt(np.maximum(np.diag(around), 0.0))
    constant = spread**2 <= RELATIVE_ZERO * np.diag(square)[1:]
    if constant.any():
        raise NotComputedError(NotComputedReason.SINGULAR_DESIGN)
    correlation = around / np.outer(spread, spread)
    if len(spread) and np.linalg.matrix_rank(correlation, tol=1e-9, hermitian=True) < len(spread):
        raise NotComputedError(NotComputedReason.SINGULAR_DESIGN)


def centered(moments: Moments) -> tuple[Floats, Floats, Floats, Floats]:
    """Count, sums and cross products per school around a whole number next to each column's mean, and that number.

    Whole numbers keep integer sums integers, so nothing is lost before the first division.
    """
    total = max(int(moments.count.sum()), 1)
    center: Numbers = np.rint(moments.sums.sum(axis=0) / total).astype(moments.sums.dtype)
    n = moments.count
    sums = moments.sums - n[:, None] * center
    cross = np.einsum("ja,b->jab", moments.sums, center)
    products = moments.products - cross - cross.transpose(0, 2, 1) + n[:, None, None] * np.outer(center, center)
    return n.astype(np.float64), sums.astype(np.float64), products.astype(np.float64), center.astype(np.float64)


def _with_school_means(count: Floats, sums: Floats, products: Floats) -> tuple[Floats, Floats]:
    mean = sums[:, 1:] / count[:, None]
    cross = np.einsum("ja,jb->jab", sums, mean)
    square = np.einsum("ja,jb->jab", count[:, None] * mean, mean)
    upper = np.concatenate([products, cross], axis=2)
    lower = np.concatenate([cross.transpose(0, 2, 1), square], axis=2)
    return np.concatenate([sums, count[:, None] * mean], axis=1), np.concatenate([upper, lower], axis=1)


def _with_intercept(count: Floats, sums: Floats, products: Floats) -> tuple[Floats, Floats]:
    # Order becomes 1, covariates, outcome.
    order = [*range(1, sums.shape[1]), 0]
    sums, products = sums[:, order], products[:, order][:, :, order]
    wide = np.concatenate([count[:, None], sums], axis=1)
    left = np.concatenate([sums[:, :, None], products], axis=2)
    return wide, np.concatenate([wide[:, None, :], left], axis=1)
