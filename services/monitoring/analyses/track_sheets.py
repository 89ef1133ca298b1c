"""Tracks of an exam, worked out once a run for every part that needs them."""

from __future__ import annotations

from collections.abc import Mapping

from services.monitoring.analyses.parts.base import Source
from services.monitoring.exams.analysis_settings import WHOLE_TRACK, conversion_settings, selection_scheme
from shared.scoring.conversion.settings import Population
from shared.scoring.conversion.table import ConversionTable
from shared.scoring.conversion.tracks import TrackSheet, conversion_tables, track_sheets, whole_track
from shared.scoring.levels import index_groups
from shared.scoring.plan import AnalysisPlan
from shared.scoring.summaries.mark_histogram import gather_histogram


def conversion_of(source: Source, plan: AnalysisPlan) -> tuple[Mapping[str, ConversionTable], Population]:
    """The conversion tables of an exam with a choice of subjects, and whose marks made them."""
    if "conversion" not in source.held:
        definition = source.inputs["definition"]
        scheme = selection_scheme(definition)
        if scheme is None:
            raise ValueError("an exam without a choice of subjects has no conversion")
        settings = conversion_settings(definition, area=source.inputs["area"])
        sheet = source.mark_sheet(plan)
        keys, index = index_groups(sheet.keys)
        histograms = {
            code: gather_histogram(keys, index, sheet.frame[code], subject=plan.subject(code))
            for code in scheme.electives
        }
        source.held["conversion"] = conversion_tables(histograms, scheme, settings), settings.population
    found: tuple[Mapping[str, ConversionTable], Population] = source.held["conversion"]
    return found


def tracks_of(source: Source, plan: AnalysisPlan) -> Mapping[str, TrackSheet]:
    """The tracks by code: those of the first choice, or the whole exam as one."""
    if "tracks" not in source.held:
        scheme = selection_scheme(source.inputs["definition"])
        sheet = source.mark_sheet(plan)
        if scheme is None:
            source.held["tracks"] = {WHOLE_TRACK: whole_track(sheet, plan, track=WHOLE_TRACK)}
        else:
            tables, _ = conversion_of(source, plan)
            source.held["tracks"] = track_sheets(sheet, plan, tables=tables, scheme=scheme)
    tracks: Mapping[str, TrackSheet] = source.held["tracks"]
    return tracks
