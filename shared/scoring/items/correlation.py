"""Correlation of items with the total, and with the total without the item (SCORING §7.3).

Fisher, R. A. (1921). On the probable error of a coefficient of correlation. Metron 1, 3–32.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shared.scoring.items.base import Exact, Figures, ItemStatistic, ItemView, Measure, Numbers, Reason, missing
from shared.scoring.statistics.base import Z_95

TOTAL_CODE, REST_CODE = "item_total_correlation", "item_discrimination_item_rest"
_FISHER_MINIMUM = 4


def correlation(view: ItemView) -> Mapping[str, Figures]:
    """Pearson's r of item and total, and of item and rest (total − item), −1 to 1.

    With cᵢⱼ the covariances: r_total = c_iT / √(c_ii c_TT), r_rest = (c_iT − c_ii) / √(c_ii (c_TT − 2c_iT + c_ii)). For
    an item marked 0 or full this is the point-biserial correlation. se = (1 − r²)/√(n − 1); interval by Fisher's
    z: tanh(artanh r ± 1.959964/√(n − 3)). An item, or a rest, without spread: ``no_variance``; a single item has no
    rest: ``few_items``.
    """
    k = view.item_count
    if view.few:
        return {code: missing(k, Reason.FEW_CANDIDATES) for code in (TOTAL_CODE, REST_CODE)}
    own, shared = view.item_variances, view.with_total
    with_total = correlate(shared, own, np.full(k, view.total_variance, object), n=view.n)
    if k == 1:
        return {TOTAL_CODE: with_total, REST_CODE: missing(1, Reason.FEW_ITEMS)}
    rest = view.total_variance - 2 * shared + own
    return {TOTAL_CODE: with_total, REST_CODE: correlate(shared - own, own, rest, n=view.n)}


def correlate(covariance: Exact, left: Exact, right: Exact, *, n: int) -> Figures:
    """Correlations from exact covariances and variances on a common scale, with Fisher's 95 % interval (n above 3)."""
    spread = (left != 0) & (right != 0)
    scale = np.sqrt(left.astype(np.float64)) * np.sqrt(right.astype(np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        r: Numbers = np.where(spread, np.clip(covariance.astype(np.float64) / scale, -1, 1), np.nan)
        z = np.arctanh(r)
    margin = Z_95 / np.sqrt(n - 3) if n >= _FISHER_MINIMUM else np.nan
    reason = tuple(None if varies else Reason.NO_VARIANCE for varies in spread)
    return Figures(r, (1 - r**2) / np.sqrt(max(n - 1, 1)), np.tanh(z - margin), np.tanh(z + margin), reason)


STATISTIC = ItemStatistic("correlation", "7.3", (Measure(TOTAL_CODE), Measure(REST_CODE)), correlation)
