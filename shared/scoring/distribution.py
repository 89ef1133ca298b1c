"""Distribution and standings straight from a stored sheet (SCORING §2, §3), where nothing else is wanted.

Each subject is counted, finished and let go before the next, so a city's histograms are never in memory together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from shared.scoring.frame import MarkSheet, total_code
from shared.scoring.levels import KEY_COLUMNS, LEVELS, index_groups, index_level
from shared.scoring.parallel import ahead, each
from shared.scoring.plan import AnalysisPlan
from shared.scoring.standing import subject_standings
from shared.scoring.standing_table import StandingTable, standing_table
from shared.scoring.subjects import TOTAL, Subject
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import (
    LeveledHistograms,
    LevelSteps,
    MarkHistogram,
    gather_histogram,
    level_histograms,
)
from shared.scoring.summaries.mark_view import GroupMarks, MarkView
from shared.scoring.summaries.ordered_marks import OrderedMarks, RowLayout
from shared.scoring.summary_table import finish_levels, join_subjects
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel

_SLICE = 1 << 17


def distribution_table(sheet: pl.LazyFrame, plan: AnalysisPlan) -> pl.DataFrame:
    """Finishes every statistic for every group of every level, one subject at a time.

    Args:
        sheet: a checked sheet of codes (marks in grid units, statuses as negative numbers; any integer type), such as
            ``pl.scan_parquet`` of a stored one: the key columns and one column per subject. ``total`` is computed.
        plan: subjects, levels, rates and weights.

    Returns:
        The ``summary`` frame of :func:`shared.scoring.summary_table.summarize`, byte for byte.

    Raises:
        DomainError: ``scoring.no_candidates`` for a sheet without rows.
    """
    keys, index = index_groups(sheet.select(KEY_COLUMNS).collect())
    if keys.is_empty():
        raise DomainError("scoring.no_candidates")
    layouts = _Layouts(keys, index, plan)
    codes = sheet.select(*(subject.code for subject in plan.marked), total_code(plan)).collect()
    figures = each(lambda subject: finish_levels(layouts.marks(codes[subject.code], subject), plan), plan.reported)
    return join_subjects(figures, plan)


class _Layouts:
    """How the rows of a sheet make the groups of every level: worked out once, used by every subject.

    Levels of many small groups are finished from the rows in order, those above from histograms.
    """

    def __init__(self, keys: pl.DataFrame, index: Integers, plan: AnalysisPlan) -> None:
        placed = LevelSteps(keys, plan.levels).places(index)
        layouts = {level: RowLayout(*groups) for level, groups in placed.items()}
        self._fine = {level: layout for level, layout in layouts.items() if layout.is_fine}
        counted = [level for level in layouts if level not in self._fine]
        self._counted = layouts[counted[0]] if counted else None
        self._steps = LevelSteps(self._counted.keys, counted) if self._counted else None

    def marks(self, codes: pl.Series, subject: Subject) -> dict[OrgLevel, GroupMarks]:
        """One subject's marks at every level."""
        marks: dict[OrgLevel, GroupMarks] = {
            level: OrderedMarks(layout, codes, subject) for level, layout in self._fine.items()
        }
        if self._counted and self._steps:
            histogram = gather_histogram(self._counted.keys, self._counted.index, codes, subject=subject)
            marks |= {level: MarkView(rolled) for level, rolled in self._steps.climb(histogram).items()}
        return marks


def stored_standings(sheet: pl.LazyFrame, plan: AnalysisPlan) -> Iterator[pl.DataFrame]:
    """Standings of every candidate, one subject and some candidates at a time.

    Args:
        sheet: as for :func:`distribution_table`, with ``candidate_id``.
        plan: outcome subjects and levels.

    Yields:
        Frames of at most 131,072 candidates in one subject, the total last; together, in their order, the rows of
        :func:`shared.scoring.standing.standings`. A frame not kept is memory for the next.
    """
    candidates = sheet.select("candidate_id", *KEY_COLUMNS).collect()
    keys, index = index_groups(candidates.select(KEY_COLUMNS))
    steps = LevelSteps(keys, plan.levels)
    groups = steps.places(index)

    def prepared(subject: Subject) -> tuple[Subject, pl.Series, dict[tuple[str, OrgLevel], StandingTable]]:
        code = total_code(plan) if subject.code == TOTAL else pl.col(subject.code)
        codes = sheet.select(code).collect().to_series()
        leveled = steps.climb(gather_histogram(keys, index, codes, subject=subject))
        return subject, codes, {(subject.code, level): standing_table(part) for level, part in leveled.items()}

    for subject, codes, tables in ahead(prepared, (*plan.outcomes, plan.total)):
        whole = candidates.with_columns(codes)
        for first in range(0, whole.height, _SLICE):
            rows = slice(first, first + _SLICE)
            some = {level: (known, placed[rows]) for level, (known, placed) in groups.items()}
            yield subject_standings(MarkSheet(whole[rows]), tables, subject, groups=some, plan=plan)


def gather_part(codes: pl.DataFrame, plan: AnalysisPlan, *, level: OrgLevel) -> dict[str, MarkHistogram]:
    """Histograms of one part's rows by subject, in the groups of a level and no finer.

    Args:
        codes: the key columns and the codes of every reported subject, ``total`` among them.
        plan: the subjects.
        level: the finest level wanted.
    """
    keys, index = index_level(codes, level)
    return {
        subject.code: gather_histogram(keys, index, codes[subject.code], subject=subject) for subject in plan.reported
    }


def replace_part(
    leveled: LeveledHistograms, *, old: Mapping[str, MarkHistogram], new: Mapping[str, MarkHistogram]
) -> LeveledHistograms:
    """Histograms with one part's corrected marks in place of the old ones, at whatever levels they are.

    The work is that of the levels given: with those of city and county a city's figures are current in a moment,
    however many candidates it has.

    Args:
        leveled: merged histograms by subject and level.
        old: by subject, what was gathered from the part before, at the finest of these levels or finer.
        new: by subject, what is gathered from it now.

    Raises:
        DomainError: ``scoring.summary_not_contained`` if ``old`` is not part of the histograms.
    """
    levels = sorted({level for _, level in leveled}, key=LEVELS.index)
    before, after = level_histograms(old.values(), levels), level_histograms(new.values(), levels)
    # In two steps: what the new marks add must not hide that the old ones were never in.
    return {name: histogram - before[name] + after[name] for name, histogram in leveled.items()}
