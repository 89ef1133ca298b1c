"""Tracks of the 3+1+2 examination and their converted totals, ranked apart (SCORING §4.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.conversion.settings import ConversionSettings
from shared.scoring.conversion.table import ConversionTable, conversion_table
from shared.scoring.frame import FAULTS_SHOWN, MarkSheet
from shared.scoring.levels import KEY_COLUMNS, LEVELS, index_groups, keys_at, locate
from shared.scoring.plan import AnalysisPlan
from shared.scoring.standing_table import StandingTable, standing_table
from shared.scoring.subjects import TOTAL, MarkStatus, Subject, total_of
from shared.scoring.summaries.mark_histogram import MarkHistogram, gather_histogram
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionScheme:
    """Which subjects everyone sits, which one of is chosen first, and which are converted.

    Args:
        common: subjects all candidates enter, raw marks.
        first_choices: one of these is entered, raw marks; its code names the track.
        electives: ``elective_count`` of these are entered, converted marks.
        elective_count: how many electives a total needs.
    """

    common: tuple[str, ...] = ("chinese", "mathematics", "foreign_language")
    first_choices: tuple[str, ...] = ("physics", "history")
    electives: tuple[str, ...] = ("chemistry", "biology", "politics", "geography")
    elective_count: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class TrackSheet:
    """The candidates of one track, everything on the scale that counts.

    Args:
        track: code of the first-choice subject.
        sheet: ``candidate_id``, key columns, one code column per subject and for ``total``.
        subjects: the track's subjects; electives on the converted grid.
        total: grid of the total (750 marks under the Guizhou scheme).
    """

    track: str
    sheet: MarkSheet
    subjects: tuple[Subject, ...]
    total: Subject

    @property
    def reported(self) -> tuple[Subject, ...]:
        """The subjects and their total."""
        return (*self.subjects, self.total)


def conversion_tables(
    histograms: Mapping[str, MarkHistogram], scheme: SelectionScheme, settings: ConversionSettings
) -> dict[str, ConversionTable]:
    """One table per elective, each over all who sat it in either track; O(grid) each.

    Args:
        histograms: merged histograms of at least the electives, at any level.
        scheme: names the electives.
        settings: rules common to all electives.
    """
    return {code: conversion_table(histograms[code], settings) for code in scheme.electives}


def whole_track(sheet: MarkSheet, plan: AnalysisPlan, *, track: str = "all") -> TrackSheet:
    """An exam without tracks or conversion as one track, so that lines can be drawn on it."""
    return TrackSheet(track, sheet, plan.outcomes, plan.total)


def track_sheets(
    sheet: MarkSheet, plan: AnalysisPlan, *, tables: Mapping[str, ConversionTable], scheme: SelectionScheme
) -> dict[str, TrackSheet]:
    """Divides a checked sheet by track, converts the electives and adds up the totals.

    ``total = common raw + first choice raw + converted electives``, for candidates present in all of them. Anyone else
    has the status furthest from taking part among the subjects entered; who entered fewer electives than needed has no
    total (``not_entered``). Candidates of no first choice are in no track, though their electives count in the
    conversion's population.

    Args:
        sheet: any partition of the exam.
        plan: raw grids of the subjects.
        tables: the conversion tables of all electives.
        scheme: the choice of subjects.

    Returns:
        A sheet per track, in the order of ``first_choices``; possibly without rows.

    Raises:
        DomainError: ``scoring.sheet_invalid`` for candidates who entered two first choices or too many electives;
            ``scoring.unknown_mark`` if a mark was not counted for its table.
    """
    too_many = (pl.sum_horizontal(_entered(code) for code in scheme.first_choices) > 1) | (
        pl.sum_horizontal(_entered(code) for code in scheme.electives) > scheme.elective_count
    )
    _refuse_impossible(sheet.frame.filter(too_many)["candidate_id"])
    converted = sheet.frame.with_columns(tables[code].convert(sheet.frame[code]) for code in scheme.electives)
    electives = tuple(tables[code].converted for code in scheme.electives)
    found = {}
    for first in scheme.first_choices:
        raw = tuple(plan.subject(code) for code in (*scheme.common, first))
        total = total_of((*raw, *electives[: scheme.elective_count]))
        columns = ["candidate_id", *KEY_COLUMNS, *(subject.code for subject in (*raw, *electives))]
        frame = converted.filter(_entered(first)).select(*columns, _total(raw, electives, total, scheme))
        found[first] = TrackSheet(first, MarkSheet(frame), (*raw, *electives), total)
    return found


def track_histograms(part: TrackSheet) -> dict[str, MarkHistogram]:
    """Mark histograms by class of a track's subjects and total; histograms of partitions merge."""
    keys, index = index_groups(part.sheet.keys)
    return {
        subject.code: gather_histogram(keys, index, part.sheet.frame[subject.code], subject=subject)
        for subject in part.reported
    }


def track_standing_tables(
    histograms: Mapping[str, MarkHistogram], *, levels: Sequence[OrgLevel] = LEVELS
) -> dict[tuple[str, OrgLevel], StandingTable]:
    """Look-up tables of a track per subject and level, built once from its merged histograms for any number of sheets."""
    return {
        (code, level): standing_table(rolled)
        for code, histogram in histograms.items()
        for level, rolled in histogram.at_levels(levels).items()
    }


def track_standings(part: TrackSheet, tables: Mapping[tuple[str, OrgLevel], StandingTable]) -> pl.DataFrame:
    """Standing of every candidate among the candidates of the same track; figures as in SCORING §3.

    Args:
        part: any partition of the track.
        tables: the track's look-up tables.

    Returns:
        ``candidate_id``, keys, ``track``, ``subject``, ``mark`` and per level ``<level>_rank``, ``<level>_n``,
        ``<level>_percentile_rank`` …; null for candidates who were not present in the subject.
    """
    frame = part.sheet.frame
    parts = []
    for subject in part.reported:
        units = frame[subject.code].to_numpy().astype(np.int64)
        columns = [pl.Series("mark", subject.marks(units)).set(frame[subject.code] < 0, None)]
        for level in [level for code, level in tables if code == subject.code]:
            table = tables[subject.code, level]
            found = table.standings(locate(keys_at(part.sheet.keys, level), table.keys), units)
            columns += [figure.rename(f"{level.value}_{figure.name}") for figure in found]
        named = frame.select(
            "candidate_id", *KEY_COLUMNS, pl.lit(part.track).alias("track"), pl.lit(subject.code).alias("subject")
        )
        parts.append(named.with_columns(columns))
    return pl.concat(parts)


def _entered(code: str) -> pl.Expr:
    return pl.col(code) != int(MarkStatus.NOT_ENTERED)


def _total(raw: Sequence[Subject], electives: Sequence[Subject], total: Subject, scheme: SelectionScheme) -> pl.Expr:
    chosen = [pl.when(_entered(subject.code)).then(pl.col(subject.code)) for subject in electives]
    codes = [*(pl.col(subject.code) for subject in raw), *chosen]
    weights = [int(subject.unit / total.unit) for subject in (*raw, *electives)]
    added = pl.sum_horizontal(code * weight for code, weight in zip(codes, weights, strict=True))
    worst = pl.min_horizontal(codes)
    enough = pl.sum_horizontal(_entered(subject.code) for subject in electives) == scheme.elective_count
    complete = pl.when(worst < 0).then(worst).otherwise(added)
    return pl.when(enough).then(complete).otherwise(int(MarkStatus.NOT_ENTERED)).cast(pl.Int32).alias(TOTAL)


def _refuse_impossible(candidates: pl.Series) -> None:
    if len(candidates):
        faults = [Fault("scoring.selection_impossible", source_id=name) for name in candidates.head(FAULTS_SHOWN)]
        raise DomainError(
            "scoring.sheet_invalid",
            params={"count": len(candidates)},
            faults=faults,
            fault_count=len(candidates),
        )
