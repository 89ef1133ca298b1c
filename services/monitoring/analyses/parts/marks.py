"""Distribution, standings, value added and comparison of the mark sheets (SCORING §2, §3, §8)."""

from __future__ import annotations

from collections.abc import Iterator

from services.monitoring.analyses.parts.base import READING, Frames, Inputs, Part, Source, Task
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.exam import analyze_sheet
from shared.scoring.methods import SUPPRESSION
from shared.scoring.result import AnalysisResult


def _tasks(inputs: Inputs) -> Iterator[Task]:
    needs = {"plan": plan_fields(inputs["definition"]), "sheets": inputs["sheets"]}
    yield Task("marks", needs, _compute, methods=(SUPPRESSION.id,))


def _compute(source: Source) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    sheet = source.mark_sheet(plan)
    result = analyze_sheet(
        sheet, plan, lambda done, total: source.report(READING + (1 - READING) * done / total, "marks")
    )
    return result.frames()


PART = Part("marks", tuple(AnalysisResult.__dataclass_fields__), _tasks)
