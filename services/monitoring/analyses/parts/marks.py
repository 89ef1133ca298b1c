"""Distribution and standings of the mark sheets, subject by subject (SCORING §2, §3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from services.monitoring.analyses.parts.base import READING, Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.methods import SUPPRESSION
from shared.scoring.subjects import Subject

_FRAMES = ("summary", "cumulative", "bands", "standings", "funnel")


def marks_task(subject: Subject) -> str:
    """Code of the task of a subject."""
    return f"marks:{subject.code}"


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    needs = {"plan": plan_fields(definition), "sheets": sheets_sha256(inputs)}
    for subject in analysis_plan(definition).by_code:
        yield Task(
            marks_task(subject),
            needs,
            partial(_compute, code=subject.code),
            methods=(SUPPRESSION.id,),
            closely=partial(_follows_from, code=subject.code),
        )


def _follows_from(source: Source, *, code: str) -> Mapping[str, Any]:
    """The candidates and their marks in the subject."""
    definition = source.inputs["definition"]
    columns = source.columns_sha256(analysis_plan(definition), ("candidate_id", *KEY_COLUMNS, code))
    return {"plan": plan_fields(definition), "columns": columns}


def _compute(source: Source, *, code: str) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    candidates = source.candidates(plan)
    source.report(READING, f"marks {code}")
    return candidates.subject(plan.subject(code), plan)


PART = Part("marks", _FRAMES, _tasks)
