"""How many took part (SCORING §1.3, §2.1)."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics.base import Column, Statistic, floats, ratio
from shared.scoring.subjects import MarkStatus
from shared.scoring.summaries.mark_view import GroupMarks


def participation(view: GroupMarks, _plan: AnalysisPlan) -> Mapping[str, Column]:
    """Counts of the two bases and of each status; ``participation_rate = n_sat / n_registered``."""
    return {
        "n_registered": view.registered_count,
        "n_sat": view.sat_count,
        "n_absent": view.status_count(MarkStatus.ABSENT),
        "n_void": view.status_count(MarkStatus.VOID),
        "n_exempt": view.status_count(MarkStatus.EXEMPT),
        "n_not_entered": view.status_count(MarkStatus.NOT_ENTERED),
        "participation_rate": ratio(view.sat_count, view.registered_count),
    }


def _columns(_plan: AnalysisPlan) -> dict[str, pl.DataType]:
    counts = ("n_registered", "n_sat", "n_absent", "n_void", "n_exempt", "n_not_entered")
    return dict.fromkeys(counts, pl.Int64()) | floats("participation_rate")


STATISTIC = Statistic("participation", "2.1", _columns, participation)
