"""The choice of subjects: converted marks, tracks and their own distribution and standings (SCORING §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.analyses.track_sheets import conversion_of, tracks_of
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.conversion.tracks import TrackSheet, track_histograms, track_standing_tables, track_standings
from shared.scoring.plan import AnalysisPlan
from shared.scoring.summaries.mark_histogram import level_histograms
from shared.scoring.summary_table import summarize

_FRAMES = ("conversion_grades", "conversion_marks", "track_summary", "track_standings")


def track_needs(inputs: Inputs) -> dict[str, object]:
    """What the tracks of an exam follow from."""
    return {
        "plan": plan_fields(inputs["definition"]),
        "selection": inputs["definition"].get("selection"),
        "area": inputs["area"],
        "sheets": sheets_sha256(inputs),
    }


def _tasks(inputs: Inputs) -> Iterator[Task]:
    if inputs["definition"].get("selection") is not None:
        yield Task("tracks", track_needs(inputs), _compute)


def _compute(source: Source) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    tables, population = conversion_of(source, plan)
    label = pl.lit(population.value).alias("population")
    grades = [table.grades.with_columns(pl.lit(code).alias("subject")) for code, table in tables.items()]
    marks = [table.marks.with_columns(pl.lit(code).alias("subject")) for code, table in tables.items()]
    summaries, standings = [], []
    for part in tracks_of(source, plan).values():
        if part.sheet.frame.is_empty():
            continue
        histograms = track_histograms(part)
        own = _track_plan(part, plan)
        leveled = level_histograms(histograms.values(), plan.levels)
        summaries.append(summarize(leveled, own).with_columns(pl.lit(part.track).alias("track")))
        standings.append(track_standings(part, track_standing_tables(histograms, levels=plan.levels)))
        source.report(0.9, part.track)
    keys = ["level", "county_code", "school_code", "class_code", "subject"]
    return {
        "conversion_grades": pl.concat(grades).select("subject", label, pl.exclude("subject")).sort("subject", "grade"),
        "conversion_marks": pl.concat(marks)
        .select("subject", label, pl.exclude("subject"))
        .sort("subject", "mark", descending=[False, True]),
        "track_summary": pl.concat(summaries).select("track", label, pl.exclude("track")).sort("track", *keys),
        "track_standings": pl.concat(standings)
        .with_columns(label)
        .sort("county_code", "school_code", "candidate_id", "subject"),
    }


def _track_plan(part: TrackSheet, plan: AnalysisPlan) -> AnalysisPlan:
    """The exam's rates and levels on a track's subjects; its total is the track's, of the electives that count."""
    own = replace(plan, outcomes=part.subjects, intakes=(), models=(), comparisons=())
    object.__setattr__(own, "total", part.total)
    return own


PART = Part("tracks", _FRAMES, _tasks)
