"""Lines on the total of each track: observation only, never scored, rewarded or handed down (SCORING §5)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task
from services.monitoring.analyses.parts.tracks import track_needs
from services.monitoring.analyses.track_sheets import tracks_of
from services.monitoring.exams.analysis_settings import cut_lines
from services.monitoring.exams.rules import analysis_plan
from shared.scoring.conversion.tracks import TrackSheet, track_histograms
from shared.scoring.cut_lines.borderline import borderline_candidates
from shared.scoring.cut_lines.effective import EffectiveMethod, effective_marks, effective_table
from shared.scoring.cut_lines.lines import DrawnLine, draw_lines
from shared.scoring.cut_lines.quadrants import quadrant_table
from shared.scoring.cut_lines.rates import online_rates
from shared.scoring.cut_lines.summary import gather_track
from shared.scoring.plan import AnalysisPlan

_FRAMES = ("cut_lines", "online_rates", "effective_marks", "quadrants", "borderline")
_SETTINGS = ("cut_lines", "borderline_below", "borderline_above", "effective_mark_method", "weak_at")
_GROUP = ("level", "county_code", "school_code", "class_code")
KEYS = {
    "cut_lines": ("track", "line"),
    "online_rates": ("track", "line", *_GROUP),
    "effective_marks": ("track", "line", "subject"),
    "quadrants": ("track", "line", "subject", *_GROUP),
    "borderline": ("county_code", "school_code", "track", "line", "candidate_id"),
}


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    if definition.get("cut_lines"):
        needs = track_needs(inputs) | {name: definition[name] for name in _SETTINGS}
        yield Task("lines", needs, _compute)


def _compute(source: Source) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in _FRAMES}
    for track in tracks_of(source, plan).values():
        if track.sheet.frame.is_empty():
            continue
        for name, table in _of_track(track, source, plan).items():
            if table.width:
                parts[name].append(table)
        source.report(0.9, track.track)
    return {name: pl.concat(tables).sort(KEYS[name]) for name, tables in parts.items() if tables}


def _of_track(track: TrackSheet, source: Source, plan: AnalysisPlan) -> dict[str, pl.DataFrame]:
    definition = source.inputs["definition"]
    summary = gather_track(track)
    lines = draw_lines(cut_lines(definition), summary.total, track=track.track)
    marks = effective_marks(summary, lines, method=EffectiveMethod(definition["effective_mark_method"]))
    return {
        "cut_lines": _line_table(lines),
        "online_rates": online_rates(summary, lines, levels=plan.levels, min_n=plan.min_n),
        "effective_marks": effective_table(marks),
        "quadrants": quadrant_table(summary, marks, levels=plan.levels, min_n=plan.min_n),
        "borderline": borderline_candidates(
            track,
            lines,
            track_histograms(track),
            below=Decimal(definition["borderline_below"]),
            above=Decimal(definition["borderline_above"]),
            weak_at=definition["weak_at"],
        ),
    }


def _line_table(lines: tuple[DrawnLine, ...]) -> pl.DataFrame:
    rows = [(line.line.track, line.line.code, float(line.mark), line.line.headcount, line.reached) for line in lines]
    schema = {
        "track": pl.String,
        "line": pl.String,
        "line_mark": pl.Float64,
        "headcount": pl.Int64,
        "reached": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


PART = Part("lines", _FRAMES, _tasks)
