"""Cronbach's α with Feldt's interval, α without an item, and the standard error of measurement (SCORING §7.4).

Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16, 297–334. Feldt, L. S.
(1965). The approximate sampling distribution of Kuder–Richardson reliability coefficient twenty. Psychometrika 30,
357–370. van Zyl, J. M., Neudecker, H., Nel, D. G. (2000). On the distribution of the maximum likelihood estimator of
Cronbach's alpha. Psychometrika 65, 271–280.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from scipy.stats import f as fisher

from shared.scoring.items.base import Exact, Figures, ItemStatistic, ItemView, Measure, Numbers, Reason, missing
from shared.scoring.items.quality import RELIABILITY

ALPHA, DELETED, SEM = "cronbach_alpha", "cronbach_alpha_if_deleted", "standard_error_of_measurement"
_FEWEST_ITEMS = 2


def reliability(view: ItemView) -> Mapping[str, Figures]:
    """α = k/(k − 1) · (1 − Σ item variances / variance of the total), and what follows from it.

    With items marked 0 or 1 this is KR-20. Interval by Feldt: 1 − (1 − α) F at 97.5 % and 2.5 % with n − 1 and
    (n − 1)(k − 1) degrees of freedom; standard error by van Zyl and others from the covariance matrix.
    ``cronbach_alpha_if_deleted``: the same over the other items, with Feldt's interval and no standard error.
    ``standard_error_of_measurement`` =
    sd · √(1 − α) in marks, sd with n − 1, its interval from that of α. α can be negative. Fewer than two items (three,
    for α without one): ``few_items``; totals all equal: ``no_variance``.
    """
    k = view.item_count
    reason = _reason(view)
    if reason:
        return {ALPHA: missing(1, reason), DELETED: missing(k, reason), SEM: missing(1, reason)}
    own, shared = view.item_variances, view.with_total
    whole = _alpha(np.array([own.sum()], object), np.array([view.total_variance], object), k=k, n=view.n)
    figures = {ALPHA: _with_se(whole, _alpha_se(view)), SEM: _measurement_error(view, whole)}
    if k == _FEWEST_ITEMS:
        return figures | {DELETED: missing(k, Reason.FEW_ITEMS)}
    return figures | {DELETED: _alpha(own.sum() - own, view.total_variance - 2 * shared + own, k=k - 1, n=view.n)}


def _reason(view: ItemView) -> Reason | None:
    if view.few:
        return Reason.FEW_CANDIDATES
    if view.item_count < _FEWEST_ITEMS:
        return Reason.FEW_ITEMS
    return None if view.total_variance else Reason.NO_VARIANCE


def _alpha(items: Exact, totals: Exact, *, k: int, n: int) -> Figures:
    alpha = np.array(
        [
            float(Fraction(k, k - 1) * (1 - Fraction(part, whole))) if whole else np.nan
            for part, whole in zip(items, totals, strict=True)
        ]
    )
    between, within = n - 1, (n - 1) * (k - 1)
    low = 1 - (1 - alpha) * fisher.ppf(0.975, between, within)
    high = 1 - (1 - alpha) * fisher.ppf(0.025, between, within)
    reason = tuple(None if whole else Reason.NO_VARIANCE for whole in totals)
    return Figures(alpha, np.full(len(alpha), np.nan), low, high, reason)


def _alpha_se(view: ItemView) -> Numbers:
    """√(Q/n), Q = 2k²/((k − 1)² s³) · (s (tr V² + (tr V)²) − 2 tr V · 1ᵀV²1), s = 1ᵀV1."""
    k = view.item_count
    # On the scale of the total's variance: Q does not change with it, and no power overflows.
    v = view.covariances.astype(np.float64) / view.total_variance
    trace = np.trace(v)
    spread = np.sum(v * v) + trace**2 - 2 * trace * np.sum(v.sum(axis=0) ** 2)
    return np.array([np.sqrt(max(2 * k**2 / (k - 1) ** 2 * spread, 0) / view.n)])


def _with_se(figures: Figures, se: Numbers) -> Figures:
    return Figures(figures.value, se, figures.ci_low, figures.ci_high, figures.reason)


def _measurement_error(view: ItemView, alpha: Figures) -> Figures:
    sd = np.sqrt(float(Fraction(view.total_variance, view.n * (view.n - 1)))) * float(view.plan.total.unit)
    value, low, high = (sd * np.sqrt(1 - part) for part in (alpha.value, alpha.ci_high, alpha.ci_low))
    return Figures(value, np.full(1, np.nan), low, high, (None,))


STATISTIC = ItemStatistic(
    "reliability",
    "7.4",
    (Measure(ALPHA, of_paper=True, scale=RELIABILITY), Measure(SEM, of_paper=True), Measure(DELETED)),
    reliability,
)
