"""Rates on both bases with Wilson intervals (SCORING §1.3, §2.3).

Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22, 209–212.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.plan import AnalysisPlan, Direction, Rate
from shared.scoring.statistics.base import Z_95, Column, Statistic, floats, ratio
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import MarkView


def rates(view: MarkView, plan: AnalysisPlan) -> Mapping[str, Column]:
    """Every rate of the plan: value, standard error √(p(1−p)/n) and 95 % Wilson interval, on ``sat`` and ``registered``.

    On basis ``registered`` absent and void candidates count as mark 0, so they are in a rate that counts downward.
    ``participation_gap`` is the rate on ``sat`` minus the rate on ``registered``.
    """
    figures: dict[str, Column] = {}
    missing = view.registered_count - view.sat_count
    for rate in plan.rates:
        sat = rate_count(view, rate)
        # A threshold of 0 is reached by a mark of 0; otherwise only a downward rate counts the absent.
        zero_counts = (rate.direction is Direction.BELOW) == (view.subject.units_reaching(rate.threshold) > 0)
        name = f"{rate.code}_rate"
        figures |= _figures(name, sat, view.sat_count)
        figures |= _figures(f"{name}_registered", sat + missing * zero_counts, view.registered_count)
        figures[f"{rate.code}_participation_gap"] = figures[name] - figures[f"{name}_registered"]
    return figures


def rate_count(view: MarkView, rate: Rate) -> Integers:
    """Present candidates whom a rate counts, compared in whole grid units."""
    reaching = view.count_reaching(view.subject.units_reaching(rate.threshold))
    return reaching if rate.direction is Direction.AT_LEAST else view.sat_count - reaching


def wilson_interval(count: Column, n: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % score interval of a share; NaN where n = 0. Exactly 0 at none and exactly 1 at all."""
    share = ratio(count, n)
    square = np.full(len(n), Z_95**2)
    whole = 1 + ratio(square, n)
    center = (share + ratio(square, 2 * n)) / whole
    margin = Z_95 * np.sqrt(ratio(share * (1 - share), n) + ratio(square, 4 * n**2)) / whole
    low = np.where(count == 0, share, center - margin)
    return low, np.where(count == n, share, center + margin)


def _figures(name: str, count: Integers, n: Integers) -> dict[str, Column]:
    share = ratio(count, n)
    low, high = wilson_interval(count, n)
    return {
        name: share,
        f"{name}_se": np.sqrt(ratio(share * (1 - share), n)),
        f"{name}_ci_low": low,
        f"{name}_ci_high": high,
    }


def _columns(plan: AnalysisPlan) -> dict[str, pl.DataType]:
    columns: dict[str, pl.DataType] = {}
    for rate in plan.rates:
        for name in (f"{rate.code}_rate", f"{rate.code}_rate_registered"):
            columns |= floats(name, f"{name}_se", f"{name}_ci_low", f"{name}_ci_high")
        columns |= floats(f"{rate.code}_participation_gap")
    return columns


STATISTIC = Statistic("rates", "2.3", _columns, rates)
