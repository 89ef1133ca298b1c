"""Discrimination D: how much better the best 27 % by total do an item than the weakest 27 % (SCORING §7.2).

Kelley, T. L. (1939). The selection of upper and lower groups for the validation of test items. Journal of Educational
Psychology 30, 17–24.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from shared.scoring.items.base import Figures, ItemStatistic, ItemView, Measure, Numbers, Reason, missing
from shared.scoring.items.quality import DISCRIMINATION
from shared.scoring.statistics.base import Z_95

EXTREME_SHARE = Fraction(27, 100)
_SMALLEST_GROUP = 2


def discrimination(view: ItemView) -> Mapping[str, Figures]:
    """D = P of the top group − P of the bottom group, −1 to 1.

    Groups of m = ⌊0.27 n⌋ by total mark; where a total straddles the edge, its candidates share the open places by
    expected value, so the order of rows cannot matter. se² = (s²_top + s²_bottom)/m with the variances (m − 1) of the
    item's mark as a share of its full mark inside the two groups; interval ± 1.959964 se, cut off at −1 and 1. It
    takes the groups as given. Fewer candidates than the plan asks for, or groups of fewer than 2: ``few_candidates``;
    all totals equal: ``no_variance``.
    """
    size = int(EXTREME_SHARE * view.n)
    if view.few or size < _SMALLEST_GROUP:
        return {_CODE: missing(view.item_count, Reason.FEW_CANDIDATES)}
    if not view.total_variance:
        return {_CODE: missing(view.item_count, Reason.NO_VARIANCE)}
    bottom_mean, bottom_variance = _group(view, view.extreme_shares(Fraction(0), Fraction(size)), size)
    top_mean, top_variance = _group(view, view.extreme_shares(Fraction(view.n - size), Fraction(view.n)), size)
    value = top_mean - bottom_mean
    se = np.sqrt((top_variance + bottom_variance) / size)
    low, high = np.maximum(value - Z_95 * se, -1), np.minimum(value + Z_95 * se, 1)
    return {_CODE: Figures(value, se, low, high, (None,) * view.item_count)}


def _group(view: ItemView, share: Numbers, size: int) -> tuple[Numbers, Numbers]:
    mean = share @ view.item_sums / (size * view.full_units)
    square = share @ view.item_squares / (size * view.full_units.astype(np.float64) ** 2)
    variance = np.maximum(square - mean**2, 0) * size / (size - 1)
    return mean, variance


_CODE = "item_discrimination_upper_lower"
STATISTIC = ItemStatistic("discrimination", "7.2", (Measure(_CODE, scale=DISCRIMINATION),), discrimination)
