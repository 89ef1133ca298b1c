"""The summary of an exam as one tidy table: a row per group and subject, a column per figure (SCORING §2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.disclosure import SUPPRESSION_COLUMNS, mark_suppressed
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.parallel import each
from shared.scoring.plan import AnalysisPlan
from shared.scoring.statistics import STATISTICS
from shared.scoring.statistics.base import Column
from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import LeveledHistograms, MarkHistogram
from shared.scoring.summaries.mark_view import GroupMarks, MarkView
from shared.scoring.tables import band_table, cumulative_table
from shared.terms.organization import OrgLevel

_GROUP = ("level", *KEY_COLUMNS)
SORT = ("subject", *_GROUP)


def summarize(histograms: LeveledHistograms, plan: AnalysisPlan) -> pl.DataFrame:
    """Finishes every statistic for every group of every level.

    Args:
        histograms: merged histograms, at least at the levels of the plan.
        plan: levels, rates and weights.

    Returns:
        ``level``, keys, ``subject``, ``role``, ``suppressed``, ``suppression``, then the figures; sorted by key. Small
        groups are marked, not emptied: that happens at the exit (:mod:`shared.scoring.disclosure`).
    """

    def finished(subject: Subject) -> SubjectFigures:
        return finish_levels({level: MarkView(histograms[subject.code, level]) for level in plan.levels}, plan)

    return join_subjects(each(finished, plan.reported), plan)


@dataclass(frozen=True, slots=True, eq=False)
class SubjectFigures:
    """Figures of one subject, neither marked nor sorted.

    Args:
        groups: ``level``, keys, ``subject``, ``role``, ``n_registered``, ``n_sat``, a row per group of every level.
        figures: every column of :func:`summary_columns`, aligned with the groups; NaN where a figure is undefined.
    """

    groups: pl.DataFrame
    figures: dict[str, Column]


def finish_levels(marks: Mapping[OrgLevel, GroupMarks], plan: AnalysisPlan) -> SubjectFigures:
    """Figures of one subject in the groups of several levels."""
    parts = [_finish(groups, level, plan) for level, groups in marks.items()]
    if len(parts) == 1:
        return parts[0]
    figures = {name: np.concatenate([part.figures[name] for part in parts]) for name in summary_columns(plan)}
    return SubjectFigures(pl.concat([part.groups for part in parts]), figures)


def join_subjects(parts: Sequence[SubjectFigures], plan: AnalysisPlan) -> pl.DataFrame:
    """The subjects' figures as one table: small groups marked, rows sorted. The parts are used up.

    Column by column, each part's column being let go at once: the table is wide, and is never in memory twice.
    """
    parts = sorted(parts, key=lambda part: part.groups["subject"].to_list()[:1])
    order = _sorted_rows([part.groups for part in parts])
    groups = pl.concat([part.groups for part in parts])
    marked = mark_suppressed(groups, min_n=plan.min_n, by=["subject"])[order]
    columns = [
        # NaN becomes null: a figure that does not exist is missing.
        pl.Series(name, np.concatenate([part.figures.pop(name) for part in parts])[order], dtype, nan_to_null=True)
        for name, dtype in summary_columns(plan).items()
    ]
    named = marked[[name for name in groups.columns if name not in ("n_registered", "n_sat")]]
    return named.hstack([*columns, *marked[list(SUPPRESSION_COLUMNS)]])


def _sorted_rows(parts: Sequence[pl.DataFrame]) -> Integers:
    """Rows of all parts together, in the order of the table: part after part, each by its groups.

    Subjects counted from one sheet have the same groups: these are sorted once.
    """
    rows: list[Integers] = []
    offset = 0
    for number, part in enumerate(parts):
        groups = part[list(_GROUP)]
        if number and groups.equals(parts[number - 1][list(_GROUP)]):
            rows.append(rows[-1] + parts[number - 1].height)
        else:
            own = groups.with_row_index("__row").sort(_GROUP)["__row"]
            rows.append(own.to_numpy().astype(np.int64) + offset)
        offset += part.height
    return np.concatenate(rows)


def cumulative(
    histograms: Mapping[OrgLevel, MarkHistogram], subject: Subject, plan: AnalysisPlan, *, flags: pl.DataFrame
) -> pl.DataFrame:
    """One-mark tables of a subject at the plan's table levels; below the county only marks that occur have a row.

    Args:
        histograms: merged histograms of the subject, at least at these levels.
        subject: the subject.
        plan: the levels.
        flags: the subject's summary, for what is withheld.
    """
    parts = []
    for level in plan.table_levels:
        wide = level in (OrgLevel.CITY, OrgLevel.COUNTY)
        parts.append(_labeled(cumulative_table(histograms[level], every_mark=wide), level, subject))
    return _with_flags(parts, flags, order="mark")


def bands(
    histograms: Mapping[OrgLevel, MarkHistogram], subject: Subject, plan: AnalysisPlan, *, flags: pl.DataFrame
) -> pl.DataFrame:
    """Band tables of a subject at the plan's table levels; see :func:`cumulative`."""
    parts = [_labeled(band_table(histograms[level]), level, subject) for level in plan.table_levels]
    return _with_flags(parts, flags, order="band_low")


def summary_columns(plan: AnalysisPlan) -> dict[str, pl.DataType]:
    """Figure columns of the summary and their types."""
    columns: dict[str, pl.DataType] = {}
    for statistic in STATISTICS:
        columns |= statistic.columns(plan)
    return columns


def _finish(view: GroupMarks, level: OrgLevel, plan: AnalysisPlan) -> SubjectFigures:
    figures: dict[str, Column] = {}
    for statistic in STATISTICS:
        figures |= statistic.finish(view, plan)
    counts = pl.Series("n_registered", view.registered_count), pl.Series("n_sat", view.sat_count)
    labels = {"level": level.value, "subject": view.subject.code, "role": plan.role(view.subject)}
    named = [pl.Series(name, [label]).new_from_index(0, view.group_count) for name, label in labels.items()]
    groups = view.keys.hstack([*named, *counts])
    return SubjectFigures(groups, figures)


def _labeled(frame: pl.DataFrame, level: OrgLevel, subject: Subject) -> pl.DataFrame:
    return frame.with_columns(pl.lit(level.value).alias("level"), pl.lit(subject.code).alias("subject"))


def _with_flags(parts: list[pl.DataFrame], flags: pl.DataFrame, *, order: str) -> pl.DataFrame:
    # The summary's rows stand in the order of these tables: its row number sorts as its keys do.
    wanted = flags.select(*SORT, "suppressed").with_row_index("__group")
    frame = pl.concat(parts).join(wanted, on=list(SORT), how="left", nulls_equal=True)
    return frame.sort("__group", order, descending=[False, True]).drop("__group")
