"""Quantiles of Hyndman and Fan's type 7, exact from the histogram (SCORING §2.2).

Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages. The American Statistician 50, 361–365.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Column, Statistic, floats
from shared.scoring.summaries.mark_view import GroupMarks

PERCENTS = (10, 25, 50, 75, 90)


def quantiles(view: GroupMarks, _plan: AnalysisPlan) -> Mapping[str, Column]:
    """p10 to p90: with h = (n − 1)·p, the marks at ⌊h⌋ and ⌊h⌋ + 1 from below, interpolated linearly."""
    return {f"p{percent}": _quantile(view, percent) for percent in PERCENTS}


def _quantile(view: GroupMarks, percent: int) -> Column:
    result = np.full(view.group_count, np.nan)
    groups = np.flatnonzero(view.sat_count)
    last = view.sat_count[groups] - 1
    whole, hundredths = np.divmod(last * percent, 100)
    lower = view.order_statistic(groups, whole)
    upper = view.order_statistic(groups, np.minimum(whole + 1, last))
    result[groups] = view.subject.marks(lower * 100 + hundredths * (upper - lower), 100)
    return result


def _columns(_plan: AnalysisPlan) -> dict[str, pl.DataType]:
    return floats(*(f"p{percent}" for percent in PERCENTS))


STATISTIC = Statistic("quantiles", "2.2", _columns, quantiles)
