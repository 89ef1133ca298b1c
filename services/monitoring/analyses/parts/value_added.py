"""Value added by every model, with what is read beside it (SCORING §6.2, §6.3, §8.1–§8.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from services.monitoring.analyses.parts.base import READING, Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.methods import SUPPRESSION
from shared.scoring.plan import AnalysisPlan, ValueAddedModel
from shared.scoring.schemas import shape_frame
from shared.scoring.summaries.growth_cells import SCHOOL_KEYS

_FRAMES = (
    "value_added_models",
    "value_added_coefficients",
    "value_added_schools",
    "companions",
    "transitions",
    "funnel",
)
_WITHOUT_MODELS = "value_added"


def model_task(model: ValueAddedModel) -> str:
    """Code of the task of a model."""
    return f"value_added:{model.code}"


def model_tasks(plan: AnalysisPlan) -> tuple[str, ...]:
    """Codes of the tasks of all models."""
    return tuple(map(model_task, plan.models)) or (_WITHOUT_MODELS,)


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    plan = analysis_plan(definition)
    needs = {"plan": plan_fields(definition), "sheets": sheets_sha256(inputs)}
    if not plan.models:
        # The tables are there, and empty: readers of many exams need not ask which have models.
        yield Task(_WITHOUT_MODELS, {"plan": plan_fields(definition)}, _nothing)
    for model in plan.models:
        yield Task(
            model_task(model),
            needs,
            partial(_compute, model=model),
            methods=(SUPPRESSION.id,),
            closely=partial(_follows_from, model=model),
        )


def _nothing(source: Source) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    return {name: shape_frame(name, pl.DataFrame(), plan) for name in _FRAMES}


def _follows_from(source: Source, *, model: ValueAddedModel) -> Mapping[str, Any]:
    """The schools and the model's marks."""
    definition = source.inputs["definition"]
    columns = source.columns_sha256(analysis_plan(definition), (*SCHOOL_KEYS, model.outcome, *model.intakes))
    return {"plan": plan_fields(definition), "columns": columns}


def _compute(source: Source, *, model: ValueAddedModel) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    candidates = source.candidates(plan)
    source.report(READING, f"value added {model.code}")
    return candidates.model(model, plan)


PART = Part("value_added", _FRAMES, _tasks)
