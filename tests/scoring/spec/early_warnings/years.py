"""Published value added of a few years, as the detectors are given it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from shared.scoring.early_warnings.base import ExamFigures
from shared.scoring.plan import AnalysisPlan, OutcomeScale, ValueAddedModel
from shared.scoring.subjects import Subject
from tests.scoring.builders import HUNDRED

ENTRY = Subject("entry", full_mark=HUNDRED.full_mark, step=HUNDRED.step)
MODEL = ValueAddedModel("math", ("entry",))
SCHEMA = {
    "model": pl.String, "county_code": pl.String, "school_code": pl.String, "suppressed": pl.Boolean,
    "n": pl.Int64, "effect": pl.Float64, "se": pl.Float64, "ci_low": pl.Float64, "ci_high": pl.Float64,
}  # fmt: skip


def plan_of(model: ValueAddedModel = MODEL, *, outcome: Subject = HUNDRED) -> AnalysisPlan:
    """A plan with one model."""
    return AnalysisPlan(outcomes=(outcome,), intakes=(ENTRY,), models=(model,))


def year(
    first: int,
    effects: Mapping[str, float | None],
    *,
    se: float = 1.0,
    model: ValueAddedModel = MODEL,
    outcome: Subject = HUNDRED,
    suppressed: Sequence[str] = (),
) -> ExamFigures:
    """One year's effects by school."""
    rows = [
        (model.code, "k1", school, school in suppressed, 30, effect, se,
         None if effect is None else effect - 1.96 * se, None if effect is None else effect + 1.96 * se)
        for school, effect in effects.items()
    ]  # fmt: skip
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    plan = plan_of(model, outcome=outcome)
    return ExamFigures(school_year=f"{first}-{first + 1}", plan=plan, frames={"value_added_schools": frame})


RAW = ValueAddedModel("math", ("entry",), scale=OutcomeScale.RAW)
