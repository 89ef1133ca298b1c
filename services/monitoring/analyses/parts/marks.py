"""Distribution, standings, value added and comparison of the mark sheets (SCORING §2, §3, §8)."""

from __future__ import annotations

from collections.abc import Iterator

from services.monitoring.analyses.parts.base import READING, Frames, Inputs, Part, Source, Task
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.exam import analyze
from shared.scoring.frame import MarkUnit
from shared.scoring.methods import SUPPRESSION
from shared.scoring.result import AnalysisResult

#: A school's own candidates are read far more often than all: rows of one school lie together in the file.
_STANDINGS_ORDER = ("county_code", "school_code", "candidate_id", "subject")


def _tasks(inputs: Inputs) -> Iterator[Task]:
    needs = {"plan": plan_fields(inputs["definition"]), "sheets": inputs["sheets"]}
    yield Task("marks", needs, _compute, methods=(SUPPRESSION.id,))


def _compute(source: Source) -> Frames:
    result = analyze(
        [source.mark_rows()],
        analysis_plan(source.inputs["definition"]),
        lambda done, total: source.report(READING + (1 - READING) * done / total, "marks"),
        unit=MarkUnit.GRID_UNIT,
    )
    frames = result.frames()
    return {**frames, "standings": frames["standings"].sort(_STANDINGS_ORDER)}


PART = Part("marks", tuple(AnalysisResult.__dataclass_fields__), _tasks)
