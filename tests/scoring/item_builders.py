"""Tiny papers for the tests: a row of marks per candidate, as a person would write it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from shared.scoring.items.base import ItemView
from shared.scoring.items.frame import check_item_sheet
from shared.scoring.items.plan import Item, ItemPlan
from shared.scoring.items.summary import ItemSummary, gather_items

Row = Sequence[float] | str
"""Marks of all items, or the word of a status."""


def paper(*full_marks: float, **settings: Any) -> ItemPlan:
    """A plan of items q1, q2 … with steps of half a mark, that computes from the first candidate on."""
    items = tuple(Item(f"q{n}", Decimal(str(full)), Decimal("0.5")) for n, full in enumerate(full_marks, 1))
    fields: dict[str, Any] = {"subject": "math", "items": items, "min_n": 1, "min_candidates": 1}
    return ItemPlan(**fields | settings)


def tagged(plan: ItemPlan, **fields: Mapping[str, Any]) -> ItemPlan:
    """The plan with fields of some items set: ``tagged(plan, q1={"options": ("A", "B"), "key": "A"})``."""
    return replace(plan, items=tuple(replace(item, **fields.get(item.code, {})) for item in plan.items))


def item_frame(
    rows: Sequence[Row],
    plan: ItemPlan,
    *,
    places: Sequence[tuple[str, str, str]] | None = None,
    options: Mapping[str, Sequence[str | None]] | None = None,
) -> pl.DataFrame:
    """An item sheet; places are county, school and class."""
    where = places or [("k1", "s1", "1")] * len(rows)
    marks = [[None] * len(plan.items) if isinstance(row, str) else list(row) for row in rows]
    columns: dict[str, Sequence[object]] = {
        "candidate_id": [f"c{number:05d}" for number in range(len(rows))],
        "county_code": [place[0] for place in where],
        "school_code": [place[1] for place in where],
        "class_code": [place[2] for place in where],
        "status": [row if isinstance(row, str) else "present" for row in rows],
        **{code: [row[position] for row in marks] for position, code in enumerate(plan.codes)},
        **{f"{code}__option": chosen for code, chosen in (options or {}).items()},
    }
    schema = dict.fromkeys(plan.codes, pl.Float64) | {f"{code}__option": pl.String for code in options or {}}
    return pl.DataFrame(columns, schema_overrides=schema)


def item_summary(rows: Sequence[Row], plan: ItemPlan, **columns: Any) -> ItemSummary:
    """Summary of some candidates."""
    return gather_items(check_item_sheet(item_frame(rows, plan, **columns), plan))


def item_view(rows: Sequence[Row], plan: ItemPlan) -> ItemView:
    """What the statistics are finished from."""
    return ItemView(item_summary(rows, plan))
