"""Candidates whom a report proposes to help: for the own school's teachers, by class and number, never by mark. Blocks."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from services.monitoring.reports.rules import PupilReason, Scope
from services.monitoring.reports.sections.own_items import OwnItems, weak_points
from services.monitoring.reports.shown import ShownTables
from shared.policy.visibility import RankDisclosure
from shared.scoring.subjects import MarkStatus

#: A candidate above the pass mark is proposed with at least so many weak points.
LARGE_GAPS = 3


def pupils(tables: ShownTables, scope: Scope, subject: Mapping[str, Any], own: OwnItems | None) -> dict[str, Any]:
    """Candidates of the own school, or of the classes named, who are below the exam's lines or have several weak points.

    Args:
        tables: what the reader sees; that pupils may be named has been decided.
        scope: the school or the classes.
        subject: the subject with its full mark.
        own: the own school's items, where there are any.
    """
    rates = {rate["code"]: Fraction(rate["threshold"]) for rate in tables.definition["rates"]}
    full = Fraction(subject["full_mark"]) if subject["full_mark"] is not None else None
    lines = {code: float(full * rates[code]) if full is not None and code in rates else None for code in _LINES}
    rows = _candidates(tables, scope, subject["code"])
    weak = pl.DataFrame(schema={"candidate_id": pl.String, "weak_points": pl.List(pl.String)})
    if own is not None and set(_LINES) <= set(rates):
        low, mastered = (float(rates[code]) for code in ("low_score", "pass"))
        weak = weak_points(own, subject["code"], low=low, mastered=mastered)
    rows = rows.join(weak, on="candidate_id", how="left", maintain_order="left").with_columns(_reason(lines))
    found = rows.filter(pl.col("reason").is_not_null()).sort("class_code", "candidate_id")
    items = found.with_columns(pl.col("weak_points").fill_null(pl.lit([], pl.List(pl.String)))).to_dicts()
    return {"pass_mark": lines["pass"], "low_score_mark": lines["low_score"], "items": items}


_LINES = ("low_score", "pass")


def _candidates(tables: ShownTables, scope: Scope, subject: str) -> pl.DataFrame:
    seen = dataclasses.replace(tables.reading.visibility, sees_candidates=True, candidate_ranks=RankDisclosure.NEVER)
    wanted = [pl.col("subject") == subject, pl.col("status") == MarkStatus.PRESENT.label]
    if scope.class_codes:
        wanted.append(pl.col("class_code").is_in(list(scope.class_codes)))
    view = tables.view_as("standings", seen)
    rows = tables.frames.scan("standings").filter(view.rows, *wanted)
    return rows.select("candidate_id", "class_code", "mark").collect()


def _reason(lines: Mapping[str, float | None]) -> pl.Expr:
    mark = pl.col("mark")
    below = {
        PupilReason.BELOW_LOW_SCORE: mark < lines["low_score"]
        if lines["low_score"] is not None
        else pl.lit(value=False),
        PupilReason.BELOW_PASS: mark < lines["pass"] if lines["pass"] is not None else pl.lit(value=False),
        PupilReason.LARGE_GAPS: pl.col("weak_points").list.len().fill_null(0) >= LARGE_GAPS,
    }
    return pl.coalesce(pl.when(rule).then(pl.lit(reason.value)) for reason, rule in below.items()).alias("reason")
