"""From replicates, and plausible values, to standard errors and intervals (SCORING §8b.10).

Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Degrees of freedom of both sources together: Johnson, E.
G. and Rust, K. F. (1992), Journal of Educational Statistics 17, 175–190.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]


class Imputation(StrEnum):
    """Over which plausible values the sampling variance is taken."""

    ALL_VALUES = "all_values"
    FIRST_ONLY = "first_only"


@dataclass(frozen=True, slots=True, eq=False)
class Inference:
    """Figures and their uncertainty, arrays of one shape; NaN where there is none."""

    estimate: Floats
    sampling_variance: Floats
    imputation_variance: Floats
    se: Floats
    df: Floats
    ci_low: Floats
    ci_high: Floats


def replicate_variance(estimate: Floats, replicated: Floats, scale: float) -> tuple[Floats, NDArray[np.int64]]:
    """``scale · Σ (replicate − estimate)²`` and the number of replicates without a figure.

    Replicates in which the group is empty, or a regression cannot be solved, are left out and the sum is stretched by R /
    (R − number left out), as if they had deviated like the others. None at all: no variance.

    Args:
        estimate: shape (…).
        replicated: shape (R, …).
        scale: of the method.
    """
    known = ~np.isnan(replicated)
    count = known.sum(axis=0)
    squares = np.where(known, (replicated - estimate) ** 2, 0.0).sum(axis=0)
    variance = np.where(count > 0, scale * squares * len(replicated) / np.maximum(count, 1), np.nan)
    return variance, len(replicated) - count


def combined(
    estimates: Sequence[Floats],
    variances: Sequence[Floats],
    *,
    df: Floats,
    imputation: Imputation = Imputation.ALL_VALUES,
    is_share: bool = False,
) -> Inference:
    """Plausible values put together by Rubin's rules; a single value passes through.

    With M values: estimate t̄ = mean of tₘ; U = mean of their sampling variances (or the first one's alone); B = Σ(tₘ − t̄)² /
    (M − 1); ``se² = U + (1 + 1/M) B``; with λ = (1 + 1/M) B / se² degrees of freedom ``1 / (λ² / (M − 1) + (1 − λ)² / d)``.
    The 95 % interval is t ± t₀.₉₇₅ se; a share's is made on the logit scale, se / (p (1 − p)), and there is none at 0 and 1.

    Args:
        estimates: per plausible value.
        variances: sampling variance, per plausible value.
        df: d, degrees of freedom of the sampling variance; below 1 there is no standard error.
        imputation: all values or the first only.
        is_share: whether the figures lie between 0 and 1.
    """
    values, sampling = np.stack(estimates), np.stack(variances)
    number = len(values)
    estimate = values.mean(axis=0)
    within = sampling[0] if imputation is Imputation.FIRST_ONLY else sampling.mean(axis=0)
    within = np.where(df >= 1, within, np.nan)
    between = values.var(axis=0, ddof=1) if number > 1 else np.zeros_like(estimate)
    added = (1 + 1 / number) * between
    variance = within + added
    share = np.divide(added, variance, out=np.zeros_like(variance), where=variance > 0)
    inverse = share**2 / max(number - 1, 1) + (1 - share) ** 2 / np.maximum(df, 1)
    freedom = np.where(np.isnan(variance), np.nan, 1 / inverse)
    se = np.sqrt(variance)
    low, high = _interval(estimate, se, freedom, is_share=is_share)
    return Inference(estimate, within, between, se, freedom, low, high)


def _interval(estimate: Floats, se: Floats, freedom: Floats, *, is_share: bool) -> tuple[Floats, Floats]:
    quantile = stdtrit(freedom, 0.975)
    if not is_share:
        return estimate - quantile * se, estimate + quantile * se
    inside = np.where((estimate > 0) & (estimate < 1), estimate, np.nan)
    logit, spread = np.log(inside / (1 - inside)), se / (inside * (1 - inside))
    low, high = (1 / (1 + np.exp(-(logit + side * quantile * spread))) for side in (-1, 1))
    return low, high
