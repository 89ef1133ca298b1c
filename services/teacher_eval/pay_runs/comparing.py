"""What a run leaves to people against a baseline: aggregates only, small groups withheld. Blocks."""

from __future__ import annotations

from typing import Any

import polars as pl

from services.teacher_eval.pay_runs.inputs import ATTRIBUTES, POOL, STAFF_KEY
from shared.scoring.allocation.comparison import compare, equal_shares
from shared.scoring.rounding import half_away_from_zero

#: Fewest people of a group, or of all, that is told of.
MIN_N = 5
PLACES = 4


def compared(inputs: pl.DataFrame, payments: pl.DataFrame, baseline: pl.DataFrame | None) -> dict[str, Any]:
    """Spread before and after, who gains, by what people are grouped by.

    Args:
        inputs: of the run, for its attributes.
        payments: of the core.
        baseline: ``staff_key, amount_fen`` of the payment before; ``None``: equal shares of this one.
    """
    before = equal_shares(payments)
    if baseline is not None:
        before = baseline.select(pl.lit(payments[POOL][0]).alias(POOL), STAFF_KEY, "amount_fen")
    found = compare(payments, before, attributes=inputs, by=ATTRIBUTES, min_n=MIN_N)
    whole = found.pools.filter(pl.col(POOL).is_not_null()).drop(POOL).row(0, named=True)
    is_small = whole["n"] < MIN_N
    told = {"n": whole["n"], "is_withheld": True} if is_small else {**_printed(whole), "is_withheld": False}
    groups = [] if is_small else [_printed(row) for row in found.groups.iter_rows(named=True)]
    return {**told, "groups": [each for each in groups if each["value"] is not None]}


def _printed(row: dict[str, Any]) -> dict[str, Any]:
    """Figures as they are shown: means in whole fen, ratios with four places as text."""
    return {name: _figure(name, value) for name, value in row.items()}


def _figure(name: str, value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if name.endswith("_fen"):
        return int(half_away_from_zero(value, 0))
    return str(half_away_from_zero(value, PLACES))
