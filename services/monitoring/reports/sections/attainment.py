"""What was attained by item and by what the specification table says of items, against the reference group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from services.monitoring.reports.rules import Verdict, verdict
from services.monitoring.reports.shown import ShownTables, statistic
from services.monitoring.results.catalog import TABLES
from shared.scoring.items.plan import ASPECT_KINDS
from shared.scoring.levels import KEY_COLUMNS
from shared.scoring.subjects import TOTAL
from shared.terms.organization import OrgLevel

FRAME = "item_attainment"
#: Level of the group that items are compared with (the default of an item plan).
_REFERENCE = OrgLevel.CITY
#: Items named as hardest, easiest, and furthest from the reference.
MOST_NAMED = 5
Aspect = dict[str, Any]


def attainment(
    tables: ShownTables, group: Mapping[str, Any], reference: Mapping[str, Any] | None, subject: str
) -> dict[str, list[Aspect]]:
    """Aspects of a group by kind, in the order of the paper; empty where the exam has no items."""
    if not tables.has(FRAME):
        return {}
    keys = [pl.col(key).eq_missing(pl.lit(group[key], pl.String)) for key in KEY_COLUMNS]
    rows = tables.rows(FRAME, pl.col("subject") == subject, pl.col("level") == group["level"], *keys)
    is_compared = reference is not None and reference["level"] == _REFERENCE.value
    kinds: dict[str, list[Aspect]] = {kind: [] for kind in ASPECT_KINDS if kind != TOTAL}
    for row in rows.iter_rows(named=True):
        if row["aspect"] in kinds:
            kinds[row["aspect"]].append(_aspect(row, is_compared=is_compared))
    return kinds if rows.height else {}


def _aspect(row: Mapping[str, Any], *, is_compared: bool) -> Aspect:
    method, n, suppressed = TABLES[FRAME].method, row["n_sat"], row["suppressed"]
    own = (row["ci_low"], row["ci_high"])
    # Where nothing of the reference group is shown, neither is the distance to it.
    gap, gap_se, low, high = (
        row[name] if is_compared else None for name in ("gap", "gap_se", "gap_ci_low", "gap_ci_high")
    )
    interval = None if low is None or high is None else (low, high)
    return {
        "code": row["aspect_code"],
        "attainment": statistic(row["attainment"], method, n=n, se=row["se"], ci=own, suppressed=suppressed),
        "reference_attainment": row["reference_attainment"] if is_compared else None,
        "gap": statistic(gap, method, n=n, se=gap_se, ci=interval, suppressed=suppressed),
        "verdict": verdict(interval),
    }


def strengths_and_gaps(aspects: Sequence[Aspect]) -> dict[str, list[Aspect]]:
    """Aspects by what they say: strengths and gaps with the furthest first, the rest in the order of the paper."""
    by_verdict: dict[str, list[Aspect]] = {found.value: [] for found in Verdict}
    for aspect in aspects:
        if aspect["verdict"] is not None:
            by_verdict[aspect["verdict"]].append(aspect)
    by_verdict[Verdict.STRENGTH].sort(key=lambda aspect: -aspect["gap"]["value"])
    by_verdict[Verdict.GAP].sort(key=lambda aspect: aspect["gap"]["value"])
    return by_verdict


def item_summary(tables: ShownTables, aspects: Sequence[Aspect], subject: str) -> dict[str, Any] | None:
    """The items with their quality over all candidates: hardest, easiest, furthest from the reference beyond chance."""
    if not aspects:
        return None
    quality = _quality(tables, subject)
    items = [{**aspect, **quality.get(aspect["code"], {})} for aspect in aspects]
    attained = [item for item in items if item["attainment"]["value"] is not None]
    attained.sort(key=lambda item: item["attainment"]["value"])
    found = strengths_and_gaps(items)
    return {
        "items": items,
        "hardest": [item["code"] for item in attained[:MOST_NAMED]],
        "easiest": [item["code"] for item in reversed(attained[-MOST_NAMED:])],
        "ahead": [item["code"] for item in found[Verdict.STRENGTH][:MOST_NAMED]],
        "behind": [item["code"] for item in found[Verdict.GAP][:MOST_NAMED]],
    }


def _quality(tables: ShownTables, subject: str) -> dict[str, dict[str, Any]]:
    if not tables.has("item_measures"):
        return {}
    rows = tables.rows("item_measures", pl.col("subject") == subject)
    quality: dict[str, dict[str, Any]] = {}
    for row in rows.iter_rows(named=True):
        item = quality.setdefault(row["item"], {"full_mark": row["full_mark"], "measures": {}})
        item["measures"][row["measure"]] = {"value": row["value"], "band": row["band"], "method": row["method"]}
    return quality
