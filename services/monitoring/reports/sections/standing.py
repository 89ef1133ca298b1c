"""Where a school stands: its value added, and among unnamed schools of its like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import polars as pl

from services.monitoring.exams.rules import analysis_plan
from services.monitoring.peers.service import shown_peers
from services.monitoring.reports.rules import ReportLevel, Scope
from services.monitoring.reports.shown import ShownTables, statistic
from services.monitoring.results.catalog import TABLES
from shared.scoring.comparison import MEAN


def value_added(tables: ShownTables, scope: Scope, subject: str) -> list[dict[str, Any]]:
    """Every value-added model of the subject: a school's effect, or how many of an area's schools got each label."""
    models = [model for model in analysis_plan(tables.definition).models if model.outcome == subject]
    if not models or not tables.has("value_added_schools") or scope.level.of_groups.value == "class":
        return []
    found = []
    for model in models:
        wanted = [pl.col("model") == model.code]
        if scope.county_code is not None:
            wanted.append(pl.col("county_code") == scope.county_code)
        if scope.school_code is not None:
            wanted.append(pl.col("school_code") == scope.school_code)
        schools = tables.rows("value_added_schools", *wanted)
        labels = tables.rows("school_labels", *wanted) if tables.has("school_labels") else None
        entry = {"model": model.code, "intakes": list(model.intakes), "scale": model.scale.value}
        if scope.level is ReportLevel.SCHOOL:
            found += [entry | _effect(row, labels) for row in schools.iter_rows(named=True)]
        elif schools.height:
            found.append(entry | _counts(schools, labels))
    return found


def _effect(row: Mapping[str, Any], labels: pl.DataFrame | None) -> dict[str, Any]:
    effect = statistic(
        row["effect"],
        TABLES["value_added_schools"].method,
        n=row["n"],
        se=row["se"],
        ci=(row["ci_low"], row["ci_high"]),
        suppressed=row["suppressed"],
    )
    agreed = labels.row(0, named=True) if labels is not None and labels.height else None
    return {
        "effect": effect,
        "label": agreed["label"] if agreed else row["label"],
        "agrees": agreed["agrees"] if agreed else None,
        "labels": None,
    }


def _counts(schools: pl.DataFrame, labels: pl.DataFrame | None) -> dict[str, Any]:
    given = labels["label"] if labels is not None and labels.height else schools["label"]
    return {"effect": None, "label": None, "agrees": None, "labels": dict(Counter(given.drop_nulls().to_list()))}


def peers(tables: ShownTables, scope: Scope, subject: str) -> list[dict[str, Any]]:
    """A school among unnamed schools that share an attribute: a band, never a rank, and nobody else's figure."""
    if scope.level is not ReportLevel.SCHOOL or not tables.has("comparison"):
        return []
    names = {entry["code"]: entry for entry in tables.definition["comparison_attributes"]}
    wanted = [pl.col("metric") == MEAN, pl.col("subject") == subject]
    question = tables.reading.question("comparison")
    rows = shown_peers(tables.frames, question, *wanted, school_code=str(scope.school_code))
    return [
        {
            "attribute": row["attribute"],
            "name_zh": names[row["attribute"]]["name_zh"],
            "name_en": names[row["attribute"]]["name_en"],
            "group_value": row["group_value"],
            "group_schools": row["group_schools"],
            "band": row["band"],
            "reason": row["reason"],
        }
        for row in rows.iter_rows(named=True)
    ]
