"""Progress since an earlier exam, for pupils in both (SCORING §6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.exams.rules import analysis_plan, plan_fields
from services.monitoring.mark_sheets.checks import STUDENT_KEY
from shared.scoring.frame import MarkUnit, check_sheet
from shared.scoring.plan import AnalysisPlan
from shared.scoring.progress import candidate_progress, gather_progress, group_progress, mark_pairs
from shared.scoring.subjects import TOTAL

_FRAMES = ("progress", "candidate_progress")


def _tasks(inputs: Inputs) -> Iterator[Task]:
    earlier = inputs.get("earlier")
    if earlier is not None and _common(analysis_plan(inputs["definition"]), analysis_plan(earlier["definition"])):
        needs = {
            "plan": plan_fields(inputs["definition"]),
            "sheets": sheets_sha256(inputs),
            "earlier_plan": plan_fields(earlier["definition"]),
            "earlier_sheets": earlier["sheets"],
        }
        yield Task("progress", needs, _compute)


def _compute(source: Source) -> Frames:
    earlier = source.inputs["earlier"]
    plan, before = analysis_plan(source.inputs["definition"]), _bare(analysis_plan(earlier["definition"]))
    rows = source.rows([sheet["sha256"] for sheet in earlier["sheets"]])
    source.report(0.4, "progress")
    links = _links(rows, source.sheet().beside)
    common = _common(plan, before)
    sheet = check_sheet(rows, before, unit=MarkUnit.GRID_UNIT)
    pairs = mark_pairs(sheet, source.mark_sheet(plan), subjects=common, links=links)
    summary = gather_progress(pairs, {code: (before.subject(code), plan.subject(code)) for code in common})
    source.report(0.7, "progress")
    return {
        "progress": group_progress(summary, levels=plan.levels, min_n=plan.min_n),
        "candidate_progress": candidate_progress(pairs, summary).sort(
            "county_code", "school_code", "candidate_id", "subject"
        ),
    }


def _common(plan: AnalysisPlan, before: AnalysisPlan) -> list[str]:
    """Subjects of both exams; the totals too where both are of the same subjects."""
    earlier = [subject.code for subject in before.outcomes]
    common = [subject.code for subject in plan.outcomes if subject.code in earlier]
    same = len(common) == len(plan.outcomes) == len(earlier)
    return [*common, TOTAL] if same and common else common


def _bare(plan: AnalysisPlan) -> AnalysisPlan:
    return replace(plan, intakes=(), models=(), comparisons=())


def _links(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Candidate numbers of one pupil in both exams, by the pupil's pseudonym; whoever has none is not followed."""
    named: dict[str, pl.DataFrame] = {}
    for name, rows in (("before", before), ("after", after)):
        keyed = rows.select(STUDENT_KEY, pl.col("candidate_id").alias(name)).drop_nulls(STUDENT_KEY)
        named[name] = keyed.unique(STUDENT_KEY, keep="none")
    return named["before"].join(named["after"], on=STUDENT_KEY).select("before", "after")


PART = Part("progress", _FRAMES, _tasks)
