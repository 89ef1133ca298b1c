"""Columns and types of every result frame, in order: what readers of results may rely on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from shared.scoring.disclosure import SUPPRESSION_COLUMNS
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.plan import AnalysisPlan
from shared.scoring.standing_table import FIGURES
from shared.scoring.subjects import Subject
from shared.scoring.summary_table import summary_columns

Schema = dict[str, pl.DataType]


def _text(*names: str) -> Schema:
    return dict.fromkeys(names, pl.String())


def _whole(*names: str) -> Schema:
    return dict.fromkeys(names, pl.Int64())


def _number(*names: str) -> Schema:
    return dict.fromkeys(names, pl.Float64())


def _flag(*names: str) -> Schema:
    return dict.fromkeys(names, pl.Boolean())


_SCHOOL = ("county_code", "school_code")
_INTERVAL = ("se", "ci_low", "ci_high")


def schemas(plan: AnalysisPlan) -> Mapping[str, Schema]:
    """Schema of every frame; only ``summary`` (rates) and ``standings`` (levels) depend on the plan."""
    group = _text("level", *KEY_COLUMNS, "subject")
    standing: Schema = {}
    for level in plan.levels:
        standing |= {f"{level.value}_{name}": dtype for name, dtype in FIGURES.items()}
    return (
        {
            "summary": group | _text("role") | SUPPRESSION_COLUMNS | summary_columns(plan),
            "cumulative": group
            | _flag("suppressed")
            | _number("mark")
            | _whole("count", "cumulative_count")
            | _number("cumulative_share"),
            "bands": group
            | _flag("suppressed")
            | _number("band_low", "band_high")
            | _whole("count")
            | _number("share"),
            "standings": _text("candidate_id", *KEY_COLUMNS, "subject") | _number("mark") | _text("status") | standing,
        }
        | _VALUE_ADDED
        | _COMPARISON
    )


_VALUE_ADDED: dict[str, Schema] = {
    "value_added_models": _text("model", "outcome")
    | {"intakes": pl.List(pl.String())}
    | _text("scale", "fit_method")
    | _flag("compositional")
    | _text("status", "reason")
    | _whole("n_candidates", "n_schools")
    | _number("outcome_mean", "outcome_sd", "tau2", "sigma2", "intraclass_correlation", "log_likelihood")
    | _text("method", "method_version"),
    "value_added_coefficients": _text("model") | _whole("position") | _text("term") | _number("estimate", *_INTERVAL),
    "value_added_schools": _text("model", *_SCHOOL)
    | SUPPRESSION_COLUMNS
    | _whole("n")
    | _number("effect", *_INTERVAL, "mean_residual", "reliability")
    | _text("label"),
    "companions": _text("model", "measure", "intake", *_SCHOOL)
    | SUPPRESSION_COLUMNS
    | _whole("n")
    | _number("value", *_INTERVAL),
    "transitions": _text("model", "intake", "level", *_SCHOOL)
    | _flag("suppressed")
    | _whole("intake_tenth", "outcome_tenth", "count")
    | _number("share"),
}

_COMPARISON: dict[str, Schema] = {
    "comparison": _text("attribute", "grouping", "group_value", "metric", "subject", "model", *_SCHOOL)
    | _flag("suppressed")
    | _text("status", "reason")
    | _whole("n")
    | _number("value", *_INTERVAL)
    | _whole("group_schools")
    | _number("group_mean", "group_sd", "standardized_difference")
    | _whole("rank_in_group"),
    "funnel": _text("metric", "subject", "model", *_SCHOOL)
    | _flag("suppressed")
    | _whole("n")
    | _number("value", "center", "se", "precision", "lower_95", "upper_95", "lower_998", "upper_998")
    | _flag("is_outside_95", "is_outside_998"),
}

SORT_KEYS: Mapping[str, tuple[str, ...]] = {
    "summary": ("subject", "level", *KEY_COLUMNS),
    "cumulative": ("subject", "level", *KEY_COLUMNS, "mark"),
    "bands": ("subject", "level", *KEY_COLUMNS, "band_low"),
    "standings": ("subject", *_SCHOOL, "candidate_id"),
    "value_added_models": ("model",),
    "value_added_coefficients": ("model", "position"),
    "value_added_schools": ("model", *_SCHOOL),
    "companions": ("model", "measure", "intake", *_SCHOOL),
    "transitions": ("model", "intake", "level", *_SCHOOL, "intake_tenth", "outcome_tenth"),
    "comparison": ("attribute", "group_value", "metric", "subject", "model", *_SCHOOL),
    "funnel": ("metric", "subject", "model", *_SCHOOL),
}
"""Key of every frame: unique, and the order of its rows (marks and bands from the top down)."""

_TOP_DOWN = {"cumulative": "mark", "bands": "band_low"}


def shape_frame(name: str, frame: pl.DataFrame, plan: AnalysisPlan, *, is_sorted: bool = False) -> pl.DataFrame:
    """A result frame with exactly its columns, types and order of rows; one without columns becomes an empty one.

    Args:
        name: in :data:`SORT_KEYS`.
        frame: its columns in any order.
        plan: the plan it was made by.
        is_sorted: whether the rows already stand in their order.
    """
    schema = schemas(plan)[name]
    if not frame.width:
        return pl.DataFrame(schema=schema)
    keys = list(SORT_KEYS[name])
    shaped = frame.select(list(schema)).cast(pl.Schema(schema))
    if is_sorted:
        return shaped
    return shaped.sort(keys, descending=[key == _TOP_DOWN.get(name) for key in keys])


SCHEMAS = schemas(AnalysisPlan(outcomes=(Subject("subject", full_mark=Decimal(100)),)))
"""The schemas under the default rates and levels."""
