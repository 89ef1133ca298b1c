"""Rules written as in a scheme, and their shares of a column of values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from shared.scoring.rules import Rule, parse_rule, rule_faults
from shared.scoring.rules.base import ValueKind

DTYPES = {
    ValueKind.NUMBER: pl.Float64,
    ValueKind.COUNT: pl.Float64,
    ValueKind.CHOICE: pl.String,
    ValueKind.YES_NO: pl.Boolean,
}


def rule(kind: str, **parameters: Any) -> Rule:
    return parse_rule({"kind": kind, **parameters})


def shares(rule: Rule, values: Sequence[Any], *, groups: Sequence[str] | None = None) -> list[float | None]:
    frame = pl.DataFrame(
        {"value": pl.Series(values, dtype=DTYPES[rule.value_kind]), "group": list(groups or ["all"] * len(values))}
    )
    found = frame.select(share=rule.share(pl.col("value"), group="group"))["share"]
    assert found.dtype == pl.Float64
    return found.to_list()


def fault_paths(kind: str, **parameters: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    found = rule_faults({"kind": kind, **parameters})
    return [(fault.code.removeprefix("scheme.rule_"), fault.path) for fault in found]
