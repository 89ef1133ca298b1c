"""Value added of classes by every model (SCORING §8.10): what the effect of teaching is worked out from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.methods import SUPPRESSION
from shared.scoring.plan import ValueAddedModel
from shared.scoring.value_added.class_effects import class_effects

_FRAMES = ("value_added_classes",)


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    if not definition["value_added_models"]:
        return
    needs = {"plan": plan_fields(definition), "sheets": sheets_sha256(inputs)}
    for model in analysis_plan(definition).models:
        yield Task(
            f"class_effects:{model.code}",
            needs,
            partial(_compute, model=model),
            methods=(SUPPRESSION.id,),
            closely=partial(_follows_from, model=model),
        )


def _follows_from(source: Source, *, model: ValueAddedModel) -> Mapping[str, Any]:
    """The classes and the model's marks."""
    definition = source.inputs["definition"]
    columns = source.columns_sha256(analysis_plan(definition), (*KEY_COLUMNS, model.outcome, *model.intakes))
    return {"plan": plan_fields(definition), "columns": columns}


def _compute(source: Source, *, model: ValueAddedModel) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    return {"value_added_classes": class_effects(source.mark_sheet(plan), model, plan)}


PART = Part("class_effects", _FRAMES, _tasks)
