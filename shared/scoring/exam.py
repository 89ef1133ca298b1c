"""An exam analyzed from its mark sheets: gather each, merge, finish (SCORING §0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass

import numpy as np
import polars as pl

from shared.scoring.comparison import comparison_table, school_groups, school_metrics
from shared.scoring.frame import MarkSheet, MarkUnit, check_sheet
from shared.scoring.funnel import funnel_points
from shared.scoring.plan import AnalysisPlan
from shared.scoring.result import AnalysisResult
from shared.scoring.schemas import schemas, shape_frame
from shared.scoring.standing import look_up, standing_tables
from shared.scoring.summaries.exam_summary import ExamSummary, gather_summary, merge_summaries
from shared.scoring.summaries.mark_histogram import LeveledHistograms, level_histograms
from shared.scoring.summary_table import bands, cumulative, summarize
from shared.scoring.value_added.companions import companion_table
from shared.scoring.value_added.models import (
    FittedModel,
    coefficient_table,
    fit_models,
    model_table,
    school_table,
    schools_of,
)
from shared.scoring.value_added.transitions import transition_table
from shared.terms.errors import DomainError, Fault

Progress = Callable[[int, int], None]
BATCH_ROWS = 50_000
_FINISHING_STEPS = 6
_SORTED = frozenset({"summary", "cumulative", "bands"})


def analyze(
    sheet_frames: Iterable[pl.DataFrame],
    plan: AnalysisPlan,
    progress: Progress,
    *,
    unit: MarkUnit = MarkUnit.MARK,
    partition_count: int | None = None,
) -> AnalysisResult:
    """Analyzes an exam.

    Args:
        sheet_frames: mark sheets, one per partition (a school, a county or all), read once, in any order.
        plan: what is asked for.
        progress: called with steps done and steps in all; a step is a partition or one part of finishing. The second
            number is only as good as ``partition_count``.
        unit: whether the sheets hold marks or grid units.
        partition_count: number of sheets, where ``sheet_frames`` has no length.

    Returns:
        All figures. The same rows give the same bytes, however they are ordered or divided.

    Raises:
        DomainError: ``scoring.sheet_invalid`` for a sheet that cannot be used, a candidate in two sheets or a school
            in two counties; ``scoring.no_candidates`` without any candidate.
    """
    known = len(sheet_frames) if isinstance(sheet_frames, Sized) else partition_count
    steps = _Steps(progress, (known or 0) + _FINISHING_STEPS)
    return _analyze(_batches(sheet_frames, plan, unit=unit, steps=steps), plan, steps)


def analyze_sheet(sheet: MarkSheet, plan: AnalysisPlan, progress: Progress) -> AnalysisResult:
    """Analyzes an exam whose sheet was checked as a whole; see :func:`analyze`."""
    return _analyze([sheet] if sheet.frame.height else [], plan, _Steps(progress, _FINISHING_STEPS))


def _analyze(batches: Iterable[MarkSheet], plan: AnalysisPlan, steps: _Steps) -> AnalysisResult:
    sheets: list[MarkSheet] = []
    summaries: list[ExamSummary] = []
    for batch in batches:
        summaries.append(gather_summary(batch, plan))
        sheets.append(batch if plan.with_standings else MarkSheet(batch.frame.select("candidate_id")))
    if not summaries:
        raise DomainError("scoring.no_candidates")
    _require_distinct_candidates(sheets)
    summary = merge_summaries(summaries)
    steps.done()
    return finish(summary, plan, sheets=sheets if plan.with_standings else (), done=steps.done)


def finish(
    summary: ExamSummary,
    plan: AnalysisPlan,
    *,
    sheets: Iterable[MarkSheet] = (),
    done: Callable[[], None] = lambda: None,
) -> AnalysisResult:
    """Turns a merged summary into figures.

    Args:
        summary: everything gathered.
        plan: what is asked for.
        sheets: checked sheets whose candidates' standings are wanted; they must be part of the summary.
        done: called after each part.
    """
    _require_one_county_per_school(summary)
    histograms = level_histograms(summary.histograms.values(), plan.levels)
    table = summarize(histograms, plan)
    done()
    frames = {
        "summary": table,
        "cumulative": cumulative(histograms, plan, flags=table),
        "bands": bands(histograms, plan, flags=table),
    }
    done()
    models = fit_models(summary.moments, plan)
    frames |= _value_added(models, summary, plan)
    done()
    shaped = {name: shape_frame(name, frame, plan, is_sorted=name in _SORTED) for name, frame in frames.items()}
    frames = {"funnel": funnel_points(histograms, models, plan, flags=table)}
    if plan.comparisons:
        metrics = school_metrics(table, shaped["value_added_schools"], plan)
        frames["comparison"] = comparison_table(school_groups(summary, plan), metrics, plan)
    done()
    shaped["standings"] = shape_frame("standings", _standings(sheets, histograms, plan), plan, is_sorted=True)
    done()
    for name in schemas(plan):
        if name not in shaped:
            shaped[name] = shape_frame(name, frames.get(name, pl.DataFrame()), plan)
    return AnalysisResult(**shaped)


def _standings(sheets: Iterable[MarkSheet], histograms: LeveledHistograms, plan: AnalysisPlan) -> pl.DataFrame:
    """Standings by school and candidate: the candidates are sorted, not their many rows."""
    parts = [sheet.frame for sheet in sheets]
    if not parts:
        return pl.DataFrame()
    candidates = MarkSheet(pl.concat(parts).sort("county_code", "school_code", "candidate_id"))
    subjects = sorted((*plan.outcomes, plan.total), key=lambda subject: subject.code)
    found = look_up(candidates, standing_tables(histograms, plan), plan, subjects=subjects)
    by_candidate = np.arange(found.height).reshape(len(subjects), -1).T.ravel()
    return found[by_candidate]


@dataclass(slots=True)
class _Steps:
    report: Progress
    total: int
    count: int = 0

    def done(self) -> None:
        self.count += 1
        self.report(self.count, max(self.total, self.count))


def _batches(
    frames: Iterable[pl.DataFrame], plan: AnalysisPlan, *, unit: MarkUnit, steps: _Steps
) -> Iterator[MarkSheet]:
    """Small sheets joined into batches: gathering costs per batch, and 2,000 schools are 2,000 small sheets."""
    waiting: list[pl.DataFrame] = []
    for frame in frames:
        checked = check_sheet(frame, plan, unit=unit).frame
        if not checked.is_empty():
            waiting.append(checked)
        steps.done()
        if sum(part.height for part in waiting) >= BATCH_ROWS:
            yield MarkSheet(pl.concat(waiting))
            waiting = []
    if waiting:
        yield MarkSheet(pl.concat(waiting))


def _value_added(
    models: tuple[FittedModel, ...], summary: ExamSummary, plan: AnalysisPlan
) -> Mapping[str, pl.DataFrame]:
    transitions = []
    for fitted in models:
        schools = schools_of(fitted, plan).select("county_code", "school_code", "suppressed")
        for intake in fitted.model.intakes:
            table = transition_table(summary.joints[fitted.model.relation, intake])
            if table.height:
                named = table.with_columns(pl.lit(fitted.model.code).alias("model"), pl.lit(intake).alias("intake"))
                flagged = named.join(schools, on=["county_code", "school_code"], how="left")
                transitions.append(flagged.with_columns(pl.col("suppressed").fill_null(value=False)))
    parts = {
        "value_added_models": [model_table(fitted) for fitted in models],
        "value_added_coefficients": [coefficient_table(fitted) for fitted in models],
        "value_added_schools": [school_table(fitted, plan) for fitted in models],
        "companions": [companion_table(fitted, summary.joints, plan) for fitted in models],
        "transitions": transitions,
    }
    return {
        name: pl.concat([shape_frame(name, part, plan, is_sorted=True) for part in tables])
        if tables
        else pl.DataFrame()
        for name, tables in parts.items()
    }


def _require_distinct_candidates(sheets: list[MarkSheet]) -> None:
    candidates = pl.concat([sheet.frame.select("candidate_id") for sheet in sheets])
    twice = candidates.filter(pl.col("candidate_id").is_duplicated()).unique().sort("candidate_id")
    if twice.height:
        faults = [Fault("scoring.candidate_twice", source_id=name) for name in twice["candidate_id"].head(1000)]
        raise DomainError(
            "scoring.sheet_invalid", params={"count": twice.height}, faults=faults, fault_count=twice.height
        )


def _require_one_county_per_school(summary: ExamSummary) -> None:
    keys = next(iter(summary.histograms.values())).counts.keys.select("county_code", "school_code").unique()
    twice = keys.filter(pl.col("school_code").is_duplicated())["school_code"].unique().sort()
    if len(twice):
        faults = [Fault("scoring.school_in_two_counties", column="school_code", value=code) for code in twice]
        raise DomainError("scoring.sheet_invalid", params={"count": len(twice)}, faults=faults)
