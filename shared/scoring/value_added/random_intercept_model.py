"""The random-intercept model of any table: numbers, factors, group means, or no covariate at all (SCORING §8.1).

For studies and checks on one table. Production models are fitted from merged moments (``products.py``), which need
no row; here the rows are at hand, so hard numbers can be met at the door: covariates are centered, scaled and
orthogonalized, the outcome is replaced by its least-squares residual, and products within groups are taken around the
groups' means. Offsets of a million, covariates that nearly depend on one another and variance ratios of 10⁸ then cost
no digits. The estimates are the same model's, transformed back: with X = Q·R, β = R⁻¹γ, and
ln|XᵀV⁻¹X| = ln|QᵀV⁻¹Q| + 2 ln|R|.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from shared.scoring.levels import index_groups
from shared.scoring.plan import FitMethod
from shared.scoring.statistics.base import Z_95
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.value_added.factors import Factor, declared, with_factor_columns
from shared.scoring.value_added.products import (
    INTERCEPT,
    RELATIVE_ZERO,
    Floats,
    ModelProducts,
    NotComputedError,
    NotComputedReason,
)
from shared.scoring.value_added.random_intercept import RandomInterceptFit, fit_random_intercept
from shared.scoring.value_added.value_checks import require_finite

_DEPENDENT = 1e-10
"""Share of a standardized covariate's length left after the others, below which it is taken to follow from them."""


@dataclass(frozen=True, slots=True, eq=False)
class RandomInterceptModel:
    """A fitted model with its names.

    Args:
        terms: fixed effects: ``intercept``, covariates, ``factor[level]``, ``group_mean(covariate)``.
        groups: codes of the groups, ascending, in the order of the effects.
        count: rows per group.
        left_out: rows with a missing value, which are not in the model.
        fit: the estimates.
    """

    terms: tuple[str, ...]
    groups: pl.Series
    count: Floats
    left_out: int
    fit: RandomInterceptFit

    def coefficient_frame(self) -> pl.DataFrame:
        """``term, estimate, se, ci_low, ci_high``, the interval ± 1.96 se."""
        return _estimates(pl.DataFrame({"term": self.terms}), self.fit.coefficients, self.fit.coefficient_se)

    def variance_frame(self) -> pl.DataFrame:
        """The same for ``tau2``, ``sigma2`` and ``intraclass_correlation``; on the boundary τ² = 0 without se."""
        errors, fit = self.fit.variance_errors, self.fit
        names = pl.DataFrame({"term": ["tau2", "sigma2", "intraclass_correlation"]})
        values = np.array([fit.tau2, fit.sigma2, fit.intraclass_correlation])
        return _estimates(names, values, np.array([errors.tau2, errors.sigma2, errors.intraclass_correlation]))

    def group_frame(self) -> pl.DataFrame:
        """``group, n, estimate, se, ci_low, ci_high, mean_residual, reliability`` per group, the estimate shrunken."""
        names = pl.DataFrame({"group": self.groups, "n": self.count.astype(np.int64)})
        return _estimates(names, self.fit.effects, self.fit.effect_se).with_columns(
            pl.Series("mean_residual", self.fit.mean_residuals), pl.Series("reliability", self.fit.reliability)
        )


def random_intercept_model(
    frame: pl.DataFrame,
    outcome: str,
    group: str,
    *,
    covariates: Sequence[str] = (),
    factors: Sequence[Factor] = (),
    group_means: Sequence[str] = (),
    method: FitMethod = FitMethod.REML,
) -> RandomInterceptModel:
    """Fits ``outcome ~ 1 + covariates + factors + group means + (1 | group)``.

    Args:
        frame: one row per candidate; rows with a missing value in a used column are left out and counted.
        outcome: numeric column.
        group: column of the school's code.
        covariates: numeric columns; none gives the null model.
        factors: categorical columns.
        group_means: numeric columns whose group means are covariates too (compositional effects).
        method: restricted (default) or full maximum likelihood.

    Raises:
        NotComputedError: what ``fit_random_intercept`` refuses, with its reason.
        DomainError: ``scoring.model_input_invalid``: missing column, NaN or infinite number, undeclared level.
    """
    numeric = list(dict.fromkeys([outcome, *covariates, *group_means]))
    require_finite(frame, numeric=numeric, others=[group, *(factor.column for factor in factors)])
    rows = frame.drop_nulls([*numeric, group, *(factor.column for factor in factors)])
    known = declared(rows, factors)
    rows = with_factor_columns(rows, known)
    names = [*covariates, *(term for factor in known for term in factor.terms)]
    keys, index = index_groups(rows.select(group))
    x = rows.select(pl.col(names).cast(pl.Float64)).to_numpy() if names else np.zeros((rows.height, 0))
    sizes = np.bincount(index, minlength=keys.height).astype(np.float64)
    if group_means:
        # Around the overall mean first: a mean of large numbers loses what tells the groups apart.
        extra = rows.select(pl.col(group_means).cast(pl.Float64)).to_numpy()
        center = extra.mean(axis=0)
        x = np.column_stack([x, (_group_sums(extra - center, index, keys.height) / sizes[:, None])[index] + center])
    terms = (INTERCEPT, *names, *(f"group_mean({name})" for name in group_means))
    y = rows[outcome].cast(pl.Float64).to_numpy()
    fit = _fit(y, x, index, sizes=sizes, terms=terms, method=method)
    return RandomInterceptModel(terms, keys[group], sizes, frame.height - rows.height, fit)


def _fit(
    y: Floats, x: Floats, index: Integers, *, sizes: Floats, terms: tuple[str, ...], method: FitMethod
) -> RandomInterceptFit:
    n = len(y)
    center = y.mean() if n else 0.0
    around = y - center
    if np.sum(around**2) <= RELATIVE_ZERO**2 * np.sum(y**2):
        raise NotComputedError(NotComputedReason.NO_OUTCOME_VARIANCE)
    if n <= len(terms):
        raise NotComputedError(NotComputedReason.FEW_CANDIDATES)
    basis, root = _orthogonal(x)
    start = basis.T @ around / n
    residual = around - basis @ start
    again = basis.T @ residual / n
    residual, start = residual - basis @ again, start + again
    if residual @ residual <= RELATIVE_ZERO * (around @ around):
        raise NotComputedError(NotComputedReason.NO_RESIDUAL_VARIANCE)
    wide = np.column_stack([basis, residual])
    sums = _group_sums(wide, index, len(sizes))
    within = wide - (sums / sizes[:, None])[index]
    products = ModelProducts(
        terms, sizes, sums, wide.T @ wide, within.T @ within, np.zeros(len(terms)), 0.0, 0.0, float(np.std(around))
    )
    fit = fit_random_intercept(products, method)
    back = np.linalg.inv(root)
    coefficients = back @ (start + fit.coefficients)
    coefficients[0] += center
    covariance = back @ fit.coefficient_covariance @ back.T
    shift = np.log(np.abs(np.diag(root))).sum() if method is FitMethod.REML else 0.0
    return replace(
        fit,
        coefficients=coefficients,
        coefficient_covariance=covariance,
        coefficient_se=np.sqrt(np.diag(covariance)),
        log_likelihood=fit.log_likelihood - float(shift),
    )


def _orthogonal(x: Floats) -> tuple[Floats, Floats]:
    """Q (columns of length √N, the first all ones) and R with [1, x] = Q R."""
    n, p = x.shape
    center = x.mean(axis=0)
    around = x - center
    scale = np.sqrt((around**2).mean(axis=0))
    # Constant but for the rounding of its own size.
    if (scale <= RELATIVE_ZERO * np.sqrt((x**2).mean(axis=0))).any():
        raise NotComputedError(NotComputedReason.SINGULAR_DESIGN)
    basis, upper = np.linalg.qr(np.column_stack([np.ones(n), around / scale]))
    if (np.abs(np.diag(upper)) <= _DEPENDENT * np.sqrt(n)).any():
        raise NotComputedError(NotComputedReason.SINGULAR_DESIGN)
    sign = np.sign(basis[0, 0]) * np.sqrt(n)
    undo = np.eye(p + 1)
    undo[0, 1:] = center
    undo[1:, 1:] = np.diag(scale)
    basis[:, 0] = 1 / sign
    return basis * sign, upper @ undo / sign


def _group_sums(columns: Floats, index: Integers, groups: int) -> Floats:
    return np.column_stack([np.bincount(index, weights=column, minlength=groups) for column in columns.T])


def _estimates(names: pl.DataFrame, value: Floats, se: Floats) -> pl.DataFrame:
    return names.with_columns(
        pl.Series("estimate", value),
        pl.Series("se", se).fill_nan(None),
        pl.Series("ci_low", value - Z_95 * se).fill_nan(None),
        pl.Series("ci_high", value + Z_95 * se).fill_nan(None),
    )
