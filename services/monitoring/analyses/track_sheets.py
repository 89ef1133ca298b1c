"""Tracks of an exam, worked out once a run for every part that needs them."""

from __future__ import annotations

from collections.abc import Mapping

from services.monitoring.analyses.parts.base import Source
from services.monitoring.exams.analysis_settings import WHOLE_TRACK, conversion_settings, selection_scheme
from shared.scoring.conversion.settings import Population
from shared.scoring.conversion.table import ConversionTable
from shared.scoring.conversion.tracks import TrackSheet, conversion_tables, track_sheets, whole_track
from shared.scoring.plan import AnalysisPlan


def conversion_of(source: Source, plan: AnalysisPlan) -> tuple[Mapping[str, ConversionTable], Population]:
    """The conversion tables of an exam with a choice of subjects, and whose marks made them."""

    def made() -> tuple[Mapping[str, ConversionTable], Population]:
        definition = source.inputs["definition"]
        scheme = selection_scheme(definition)
        if scheme is None:
            raise ValueError("an exam without a choice of subjects has no conversion")
        settings = conversion_settings(definition, area=source.inputs["area"])
        candidates = source.candidates(plan)
        histograms = {code: candidates.histogram(plan.subject(code)) for code in scheme.electives}
        return conversion_tables(histograms, scheme, settings), settings.population

    return source.shared.once("conversion", made)


def tracks_of(source: Source, plan: AnalysisPlan) -> Mapping[str, TrackSheet]:
    """The tracks by code: those of the first choice, or the whole exam as one."""

    def made() -> Mapping[str, TrackSheet]:
        scheme = selection_scheme(source.inputs["definition"])
        sheet = source.mark_sheet(plan)
        if scheme is None:
            return {WHOLE_TRACK: whole_track(sheet, plan, track=WHOLE_TRACK)}
        tables, _ = conversion_of(source, plan)
        return track_sheets(sheet, plan, tables=tables, scheme=scheme)

    return source.shared.once("tracks", made)
