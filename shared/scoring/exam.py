"""An exam analyzed from its mark sheets: gather each, merge, finish (SCORING §0)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass

import polars as pl

from shared.scoring.exam_parts import (
    Frames,
    comparison_frame,
    model_frames,
    require_one_county_per_school,
    subject_frames,
)
from shared.scoring.frame import MarkSheet, MarkUnit, check_sheet
from shared.scoring.parallel import each
from shared.scoring.plan import AnalysisPlan
from shared.scoring.result import AnalysisResult
from shared.scoring.schemas import schemas, shape_frame
from shared.scoring.standing import look_up, standing_tables
from shared.scoring.subjects import Subject
from shared.scoring.summaries.exam_summary import ExamSummary, gather_summary, merge_summaries
from shared.scoring.summaries.mark_histogram import LeveledHistograms, level_histograms
from shared.scoring.value_added.models import fit_models
from shared.terms.errors import DomainError, Fault

Progress = Callable[[int, int], None]
BATCH_ROWS = 50_000
_FINISHING_STEPS = 5


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
    require_one_county_per_school(next(iter(summary.histograms.values())).counts.keys)
    histograms = level_histograms(summary.histograms.values(), plan.levels)

    def finished(subject: Subject) -> Frames:
        return subject_frames({level: histograms[subject.code, level] for level in plan.levels}, subject, plan)

    parts = each(finished, plan.by_code)
    done()
    models = sorted(fit_models(summary.moments, plan), key=lambda fitted: fitted.model.code)
    parts += [model_frames(fitted, summary.joints, plan) for fitted in models]
    done()
    frames = {name: _joined(name, parts, plan) for name in schemas(plan)}
    frames["comparison"] = comparison_frame(
        frames["summary"],
        frames["value_added_schools"],
        plan,
        attributes=summary.attributes,
        intakes=summary.histograms,
    )
    done()
    frames["standings"] = shape_frame("standings", _standings(sheets, histograms, plan), plan, is_sorted=True)
    done()
    return AnalysisResult(**frames)


def _joined(name: str, parts: Iterable[Frames], plan: AnalysisPlan) -> pl.DataFrame:
    """The rows of a table: those of its parts, one after another."""
    found = [part[name] for part in parts if name in part]
    return pl.concat(found) if found else shape_frame(name, pl.DataFrame(), plan)


def _standings(sheets: Iterable[MarkSheet], histograms: LeveledHistograms, plan: AnalysisPlan) -> pl.DataFrame:
    """Standings by subject, school and candidate: the candidates are sorted, not their many rows."""
    parts = [sheet.frame for sheet in sheets]
    if not parts:
        return pl.DataFrame()
    candidates = MarkSheet(pl.concat(parts).sort("county_code", "school_code", "candidate_id"))
    subjects = [subject for subject in plan.by_code if subject not in plan.intakes]
    return look_up(candidates, standing_tables(histograms, plan), plan, subjects=subjects)


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


def _require_distinct_candidates(sheets: list[MarkSheet]) -> None:
    candidates = pl.concat([sheet.frame.select("candidate_id") for sheet in sheets])
    twice = candidates.filter(pl.col("candidate_id").is_duplicated()).unique().sort("candidate_id")
    if twice.height:
        faults = [Fault("scoring.candidate_twice", source_id=name) for name in twice["candidate_id"].head(1000)]
        raise DomainError(
            "scoring.sheet_invalid", params={"count": twice.height}, faults=faults, fault_count=twice.height
        )
