"""Standing of a candidate in a group, looked up from the group's histogram (SCORING §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from shared.scoring.frame import MarkSheet
from shared.scoring.levels import keys_at, locate
from shared.scoring.parallel import each
from shared.scoring.plan import AnalysisPlan
from shared.scoring.standing_table import StandingTable, standing_table
from shared.scoring.subjects import STATUS_LABELS, Subject
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.mark_histogram import LeveledHistograms
from shared.terms.organization import OrgLevel

Groups = dict[OrgLevel, tuple[pl.DataFrame, Integers]]
"""Per level the keys of its groups, and the group of every candidate of a sheet."""


def standings(sheet: MarkSheet, histograms: LeveledHistograms, plan: AnalysisPlan) -> pl.DataFrame:
    """Standings of every candidate of a sheet in class, school, county and city, one row per candidate and subject.

    Args:
        sheet: any checked sheet whose candidates were counted in the histograms.
        histograms: merged histograms at the levels of the plan.
        plan: the analysis; outcome subjects and their total are looked up.

    Returns:
        Keys, ``subject``, ``mark``, ``status`` and per level ``<level>_rank`` and the other figures; null for
        candidates who were not present.
    """
    tables = standing_tables(histograms, plan)
    return look_up(sheet, tables, plan)


def standing_tables(histograms: LeveledHistograms, plan: AnalysisPlan) -> dict[tuple[str, OrgLevel], StandingTable]:
    """Look-up tables per subject and level, built once and used for any number of sheets."""
    wanted = [(subject.code, level) for subject in (*plan.outcomes, plan.total) for level in plan.levels]
    built = each(lambda name: standing_table(histograms[name]), wanted)
    return dict(zip(wanted, built, strict=True))


def look_up(
    sheet: MarkSheet,
    tables: Mapping[tuple[str, OrgLevel], StandingTable],
    plan: AnalysisPlan,
    *,
    subjects: Sequence[Subject] | None = None,
) -> pl.DataFrame:
    """Standings of one sheet's candidates from tables built before, subject by subject; see :func:`standings`.

    Args:
        sheet: the candidates.
        tables: look-up tables of all of these subjects.
        plan: the levels.
        subjects: in which order; by default the outcomes and their total.
    """
    groups: Groups = {}
    subjects = subjects or (*plan.outcomes, plan.total)
    return pl.concat([subject_standings(sheet, tables, subject, groups=groups, plan=plan) for subject in subjects])


def subject_standings(
    sheet: MarkSheet,
    tables: Mapping[tuple[str, OrgLevel], StandingTable],
    subject: Subject,
    *,
    groups: Groups,
    plan: AnalysisPlan,
) -> pl.DataFrame:
    """Standings in one subject.

    Args:
        sheet: any checked sheet; of the marks only the subject's own column is used.
        tables: look-up tables of this subject, at least.
        subject: an outcome subject or the total.
        groups: where candidates' groups are remembered from subject to subject; empty at first.
        plan: the levels.
    """
    codes = sheet.frame[subject.code]
    units = codes.to_numpy()
    for level in plan.levels:
        known, keys = groups.get(level), tables[subject.code, level].keys
        if known is None or not (known[0] is keys or known[0].equals(keys)):
            groups[level] = (keys, locate(keys_at(sheet.keys, level), keys))

    columns = []
    for level in plan.levels:
        found = tables[subject.code, level].standings(groups[level][1], units)
        columns += [figure.rename(f"{level.value}_{figure.name}") for figure in found]
    marks = pl.Series("mark", subject.marks(units.astype(np.int64))).set(codes < 0, None)
    return sheet.frame.select(
        "candidate_id",
        *sheet.keys.columns,
        pl.lit(subject.code).alias("subject"),
        marks,
        _status_words(codes),
    ).with_columns(columns)


def _status_words(codes: pl.Series) -> pl.Series:
    words = pl.Series("status", STATUS_LABELS)
    return words.gather(pl.Series(np.maximum(-codes.to_numpy(), 0).astype(np.uint32)))
