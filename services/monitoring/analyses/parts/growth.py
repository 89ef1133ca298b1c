"""Plain value-added measures, whether the methods agree, and whether effects follow intake (SCORING §8.5–§8.8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.analyses.parts.value_added import model_task
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.disclosure import mark_suppressed
from shared.scoring.frame import MarkSheet
from shared.scoring.methods import RANDOM_INTERCEPT
from shared.scoring.plan import AnalysisPlan, Grouping, ValueAddedModel
from shared.scoring.summaries.growth_cells import SCHOOL_KEYS, gather_growth_cells
from shared.scoring.value_added.agreement import effect_measure, label_agreement, rank_agreement
from shared.scoring.value_added.composition import composition_check
from shared.scoring.value_added.measures import SCHOOL_MEASURES
from shared.scoring.value_added.products import NotComputedError

MODEL_METHOD = "random_intercept"
#: Median and mean say the same twice, and so do the two residuals: one of each takes part in the agreement.
_VOTING = ("median_growth", "twentieth_residuals", "gains")
_FRAMES = ("school_measures", "method_agreement", "school_labels", "composition")


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    if not definition["value_added_models"]:
        return
    plan = analysis_plan(definition)
    needs = {"plan": plan_fields(definition), "sheets": sheets_sha256(inputs)}
    for relation in dict.fromkeys(model.relation for model in plan.models):
        yield Task(
            f"growth:{relation}",
            needs,
            partial(_compute, relation=relation),
            methods=(RANDOM_INTERCEPT.id,),
            closely=partial(_follows_from, relation=relation),
            holds_interpreter=True,
            reads=tuple(model_task(model) for model in plan.models if model.relation == relation),
        )


def _follows_from(source: Source, *, relation: str) -> Mapping[str, Any]:
    """The marks of a relation and the schools' attributes: marks of other subjects change nothing here."""
    definition = source.inputs["definition"]
    plan = analysis_plan(definition)
    models = [model for model in plan.models if model.relation == relation]
    marks = dict.fromkeys(code for model in models for code in (model.outcome, *model.intakes))
    columns = [*SCHOOL_KEYS, *marks, *(entry.code for entry in plan.attributes)]
    return {"plan": plan_fields(definition), "columns": source.columns_sha256(plan, list(dict.fromkeys(columns)))}


def _compute(source: Source, *, relation: str) -> Frames:
    plan = analysis_plan(source.inputs["definition"])
    sheet, effects = source.mark_sheet(plan), source.frame("value_added_schools")
    models = [model for model in plan.models if model.relation == relation]
    found = _measures(sheet, models[0], plan)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in _FRAMES}
    for name, measure in found.items():
        parts["school_measures"].append(_flagged(measure.with_columns(pl.lit(relation).alias("relation")), name, plan))
    for number, model in enumerate(models):
        measures = {name: found[name] for name in _VOTING if name in found}
        fitted = effects.filter(model=model.code)
        if not fitted.is_empty():
            measures = {MODEL_METHOD: effect_measure(fitted), **measures}
        for name, table in _judged(measures, sheet, model, plan).items():
            parts[name].append(table.with_columns(pl.lit(model.code).alias("model")))
        source.report((number + 1) / len(models), f"growth {relation}")
    return {name: _shaped(name, pl.concat(tables)) for name, tables in parts.items() if tables}


def _measures(sheet: MarkSheet, model: ValueAddedModel, plan: AnalysisPlan) -> dict[str, pl.DataFrame]:
    """The plain measures that can be computed; a cohort too small for growth percentiles has the others."""
    priors = [plan.subject(code) for code in model.intakes]
    cells = gather_growth_cells(sheet.frame, priors, plan.subject(model.outcome))
    found = {}
    for measure in SCHOOL_MEASURES:
        try:
            found[measure.name] = measure.finish(cells)
        except NotComputedError:
            continue
    return found


def _judged(
    measures: Mapping[str, pl.DataFrame], sheet: MarkSheet, model: ValueAddedModel, plan: AnalysisPlan
) -> dict[str, pl.DataFrame]:
    labels = label_agreement(measures, min_n=plan.label_min_n).with_columns(
        pl.lit(None, pl.String).alias(f"{name}_label") for name in (MODEL_METHOD, *_VOTING) if name not in measures
    )
    sizes = next(iter(measures.values())).select(*SCHOOL_KEYS, "n")
    labels = labels.join(sizes, on=list(SCHOOL_KEYS), how="left").with_columns(pl.lit(model.code).alias("model"))
    first = next(iter(measures))
    attributes, columns = _attributes(sheet, model, plan)
    return {
        "method_agreement": rank_agreement(measures),
        "school_labels": _suppressed(labels, plan, by=["model"]),
        "composition": composition_check(measures[first], attributes, columns).with_columns(
            pl.lit(first).alias("measure")
        ),
    }


def _attributes(sheet: MarkSheet, model: ValueAddedModel, plan: AnalysisPlan) -> tuple[pl.DataFrame, list[str]]:
    """Mean intake, and the declared attributes that are numbers (poverty, boarding share), per school."""
    declared = [entry.code for entry in plan.attributes if entry.grouping is Grouping.QUARTILE]
    intakes = [pl.col(code).filter(pl.col(code) >= 0).mean().alias(f"mean_{code}") for code in model.intakes]
    numbers = [pl.col(code).mean() for code in declared]
    frame = sheet.frame.group_by(SCHOOL_KEYS).agg(*intakes, *numbers).sort(SCHOOL_KEYS)
    return frame, [f"mean_{code}" for code in model.intakes] + declared


def _flagged(measure: pl.DataFrame, name: str, plan: AnalysisPlan) -> pl.DataFrame:
    return _suppressed(measure.with_columns(pl.lit(name).alias("measure")), plan, by=["relation", "measure"])


def _suppressed(schools: pl.DataFrame, plan: AnalysisPlan, *, by: list[str]) -> pl.DataFrame:
    sized = schools.with_columns(
        pl.lit("school").alias("level"),
        pl.lit(None, pl.String).alias("class_code"),
        pl.col("n").alias("n_registered"),
        pl.col("n").alias("n_sat"),
    )
    return mark_suppressed(sized, min_n=plan.min_n, by=by).drop("n_registered", "n_sat", "level", "class_code")


_COLUMNS = {
    "school_measures": [
        "relation", "measure", *SCHOOL_KEYS, "suppressed", "suppression", "n", "value", "se", "ci_low", "ci_high",
        "reference",
    ],
    "method_agreement": ["model", "method", "other", "n_schools", "rank_correlation", "ci_low", "ci_high"],
    "school_labels": [
        "model", *SCHOOL_KEYS, "suppressed", "suppression", "n", *(f"{name}_label" for name in (MODEL_METHOD, *_VOTING)),
        "methods", "agrees", "label",
    ],
    "composition": ["model", "attribute", "measure", "n_schools", "correlation", "ci_low", "ci_high", "flagged"],
}  # fmt: skip
_KEYS = {
    "school_measures": ["relation", "measure", *SCHOOL_KEYS],
    "method_agreement": ["model", "method", "other"],
    "school_labels": ["model", *SCHOOL_KEYS],
    "composition": ["model", "attribute"],
}


def _shaped(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(_COLUMNS[name]).sort(_KEYS[name])


PART = Part("growth", _FRAMES, _tasks)
