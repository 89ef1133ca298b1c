"""Schools beside their like (分组比较, SCORING §8.6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.analyses.parts.marks import marks_task
from services.monitoring.analyses.parts.value_added import model_tasks
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.comparison import summary_columns
from shared.scoring.exam_parts import comparison_frame
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.methods import SUPPRESSION
from shared.scoring.summaries.attribute_counts import gather_attributes


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    plan = analysis_plan(definition)
    needs = {"plan": plan_fields(definition), "sheets": sheets_sha256(inputs)}
    read = (*map(marks_task, plan.by_code), *model_tasks(plan))
    yield Task("comparison", needs, _compute, methods=(SUPPRESSION.id,), closely=_follows_from, reads=read)


def _follows_from(source: Source) -> Mapping[str, Any]:
    """The schools' figures and their attributes."""
    definition = source.inputs["definition"]
    plan = analysis_plan(definition)
    read = {name: source.files.get(name) for name in ("summary", "value_added_schools")}
    columns = (*KEY_COLUMNS, *(attribute.code for attribute in plan.comparisons))
    return {"plan": plan_fields(definition), "read": read, "columns": source.columns_sha256(plan, columns)}


def _compute(source: Source) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    candidates = source.candidates(plan)
    intakes = [subject for subject in plan.intakes if subject.code in {each.code for each in plan.comparisons}]
    frame = comparison_frame(
        source.frame("summary", summary_columns(plan)),
        source.frame("value_added_schools"),
        plan,
        attributes=gather_attributes(candidates.sheet.frame, [attribute.code for attribute in plan.attributes]),
        intakes={subject.code: candidates.histogram(subject) for subject in intakes},
    )
    return {"comparison": frame}


PART = Part("comparison", ("comparison",), _tasks)
