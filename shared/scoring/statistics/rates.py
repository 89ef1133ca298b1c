"""Rates on both bases with Wilson intervals (SCORING §1.3, §2.3).

Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. JASA 22, 209–212.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shared.scoring.plan import AnalysisPlan, Direction, Rate
from shared.scoring.statistics.base import Z_95, Column, Statistic, floats
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_view import GroupMarks


def rates(view: GroupMarks, plan: AnalysisPlan) -> Mapping[str, Column]:
    """Every rate of the plan: value, standard error √(p(1−p)/n) and 95 % Wilson interval, on ``sat`` and ``registered``.

    On basis ``registered`` absent and void candidates count as mark 0, so they are in a rate that counts downward.
    ``participation_gap`` is the rate on ``sat`` minus the rate on ``registered``.
    """
    figures: dict[str, Column] = {}
    missing = view.registered_count - view.sat_count
    on_sat, on_registered = _Shares("", view.sat_count), _Shares("_registered", view.registered_count)
    for rate in plan.rates:
        sat = rate_count(view, rate)
        # A threshold of 0 is reached by a mark of 0; otherwise only a downward rate counts the absent.
        zero_counts = (rate.direction is Direction.BELOW) == (view.subject.units_reaching(rate.threshold) > 0)
        mine = on_sat.figures(rate.code, sat)
        mine |= on_registered.figures(rate.code, sat + missing if zero_counts else sat)
        name = f"{rate.code}_rate"
        mine[f"{rate.code}_participation_gap"] = mine[name] - mine[f"{name}_registered"]
        figures |= mine
    return figures


def rate_count(view: GroupMarks, rate: Rate) -> Integers:
    """Present candidates whom a rate counts, compared in whole grid units."""
    reaching = view.count_reaching(view.subject.units_reaching(rate.threshold))
    return reaching if rate.direction is Direction.AT_LEAST else view.sat_count - reaching


def wilson_interval(count: Column, n: Column) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % score interval of a share; NaN where n = 0. Exactly 0 at none and exactly 1 at all."""
    shares = _Shares("", n)
    return shares.interval(shares.of(count))


class _Shares:
    """Shares of one basis: what depends on its counts alone is worked out once for all rates."""

    def __init__(self, suffix: str, n: Column) -> None:
        self.suffix = suffix
        self.n: NDArray[np.float64] = np.where(n == 0, np.nan, n)
        self._square = Z_95**2 / self.n
        self._whole = 1 + self._square

    def of(self, count: Column) -> NDArray[np.float64]:
        """The share of a count; NaN where n = 0."""
        share: NDArray[np.float64] = count / self.n
        return share

    def interval(self, share: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Wilson's limits."""
        center = (share + self._square / 2) / self._whole
        margin = Z_95 * np.sqrt(share * (1 - share) / self.n + self._square / (4 * self.n)) / self._whole
        return np.where(share == 0, share, center - margin), np.where(share == 1, share, center + margin)

    def figures(self, code: str, count: Integers) -> dict[str, Column]:
        """Columns of one rate."""
        name, share = f"{code}_rate{self.suffix}", self.of(count)
        low, high = self.interval(share)
        se = np.sqrt(share * (1 - share) / self.n)
        return {name: share, f"{name}_se": se, f"{name}_ci_low": low, f"{name}_ci_high": high}


def _columns(plan: AnalysisPlan) -> dict[str, pl.DataType]:
    columns: dict[str, pl.DataType] = {}
    for rate in plan.rates:
        for name in (f"{rate.code}_rate", f"{rate.code}_rate_registered"):
            columns |= floats(name, f"{name}_se", f"{name}_ci_low", f"{name}_ci_high")
        columns |= floats(f"{rate.code}_participation_gap")
    return columns


STATISTIC = Statistic("rates", "2.3", _columns, rates)
