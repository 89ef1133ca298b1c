"""Mean, spread and extremes, on basis ``sat`` (SCORING §2.1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from scipy.special import stdtrit

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Column, Statistic, floats, ratio
from shared.scoring.summaries.mark_view import GroupMarks

_COLUMNS = floats(
    "mean", "sd", "se_mean", "mean_ci_low", "mean_ci_high", "min", "max", "score_rate", "coefficient_of_variation"
)


def location(view: GroupMarks, _plan: AnalysisPlan) -> Mapping[str, Column]:
    """Figures of the mean.

    ``sd`` divides by n − 1 and needs two candidates; ``se_mean = sd / √n``; the 95 % interval uses Student's t with
    n − 1 degrees of freedom; ``score_rate = mean / full mark``; ``coefficient_of_variation = sd / mean`` (none where
    the mean is 0).
    """
    n = view.sat_count
    sat = n > 0
    mean = np.where(sat, view.subject.marks(view.unit_sum, np.maximum(n, 1)), np.nan)
    sd = np.sqrt(ratio(view.centered_squares, np.where(n > 1, n - 1, 0))) * float(view.subject.unit)
    se = ratio(sd, np.sqrt(n))
    freedom, which = np.unique(np.maximum(n - 1, 1), return_inverse=True)
    margin = se * stdtrit(freedom, 0.975)[which]
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    groups = np.flatnonzero(sat)
    low[sat] = view.subject.marks(view.order_statistic(groups, np.zeros_like(groups)))
    high[sat] = view.subject.marks(view.order_statistic(groups, n[sat] - 1))
    return {
        "mean": mean,
        "sd": sd,
        "se_mean": se,
        "mean_ci_low": mean - margin,
        "mean_ci_high": mean + margin,
        "min": low,
        "max": high,
        "score_rate": ratio(view.unit_sum, n * view.subject.full_units),
        "coefficient_of_variation": ratio(sd, mean),
    }


def _columns(_plan: AnalysisPlan) -> dict[str, pl.DataType]:
    return _COLUMNS


STATISTIC = Statistic("location", "2.1", _columns, location)
