"""An exam gathered partition by partition, on any executor."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import polars as pl

from shared.scoring.executors.base import Executor
from shared.scoring.frame import MarkUnit, check_sheet
from shared.scoring.plan import AnalysisPlan
from shared.scoring.summaries.exam_summary import ExamSummary, gather_summary, merge_summaries
from shared.terms.errors import DomainError

_MERGE_EVERY = 64
"""Summaries held before they are merged: merging all at once would hold as many as there are schools."""


def gather_partition(frame: pl.DataFrame, *, plan: AnalysisPlan, unit: MarkUnit = MarkUnit.MARK) -> ExamSummary:
    """Checks one partition's mark sheet and gathers it; see :func:`shared.scoring.frame.check_sheet`."""
    return gather_summary(check_sheet(frame, plan, unit=unit), plan)


def gather_partitions(
    executor: Executor, partitions: Iterable[pl.DataFrame], plan: AnalysisPlan, *, unit: MarkUnit = MarkUnit.MARK
) -> ExamSummary:
    """Gathers every partition and merges what comes back, with the same bytes whichever executor is used.

    Args:
        executor: where to gather.
        partitions: mark sheets, one per school, county or file; empty ones are allowed.
        plan: what is asked for.
        unit: whether the sheets hold marks or grid units.

    Raises:
        DomainError: ``scoring.sheet_invalid``, or ``scoring.no_candidates`` without any partition. That a candidate
            stands in two partitions cannot be seen from summaries: :func:`shared.scoring.exam.analyze` checks it.
    """
    waiting: list[ExamSummary] = []
    for summary in executor.map_partitions(partial(gather_partition, plan=plan, unit=unit), partitions):
        waiting.append(summary)
        if len(waiting) == _MERGE_EVERY:
            waiting = [merge_summaries(waiting)]
    if not waiting:
        raise DomainError("scoring.no_candidates")
    return merge_summaries(waiting)
