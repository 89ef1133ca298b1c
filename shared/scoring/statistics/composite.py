"""Composite index (综合指数) of score rate and rates (SCORING §2.4)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from shared.scoring.plan import SCORE_RATE, AnalysisPlan
from shared.scoring.statistics.base import Column, Statistic, floats, ratio
from shared.scoring.statistics.rates import rate_count
from shared.scoring.summaries.mark_view import GroupMarks


def composite(view: GroupMarks, plan: AnalysisPlan) -> Mapping[str, Column]:
    """``composite_index = 100 · Σ weight · component / Σ positive weights``, components on basis ``sat``, 0 to 1.

    A negative weight (usual for the low-score rate) subtracts and does not enter the divisor.
    """
    n = view.sat_count
    by_code = {rate.code: rate for rate in plan.rates}
    positive = float(sum(weight.weight for weight in plan.composite if weight.weight > 0))
    index = np.zeros(view.group_count)
    for weight in plan.composite:
        if weight.component == SCORE_RATE:
            component = ratio(view.unit_sum, n * view.subject.full_units)
        else:
            component = ratio(rate_count(view, by_code[weight.component]), n)
        index += float(weight.weight) * component
    return {"composite_index": 100 * index / positive}


def _columns(_plan: AnalysisPlan) -> dict[str, pl.DataType]:
    return floats("composite_index")


STATISTIC = Statistic("composite", "2.4", _columns, composite)
