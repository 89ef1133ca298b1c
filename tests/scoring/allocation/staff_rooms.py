"""Members of a pool for tests: everything that is not named is 0 or full."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl

from shared.scoring.allocation.allocate import Allocation, allocate
from shared.scoring.allocation.plan import FixedItem, Part, PayPlan, PointsShare, ShareMethod

FIGURE = pl.Decimal(38, 4)
TYPES: dict[str, Any] = {
    "pool": pl.String,
    "staff_key": pl.String,
    "exclusion": pl.String,
    "class_kind": pl.String,
    "months_of_period": pl.Int64,
    "floor_fen": pl.Int64,
    "cap_fen": pl.Int64,
    "entitlement_fen": pl.Int64,
}
ROW = {
    "pool": "A",
    "exclusion": None,
    "class_kind": "parallel",
    "months_present": 12,
    "months_of_period": 12,
    "points": 0,
    "coefficient": 1,
    "workload": 0,
    "pupil_months": 0,
    "lessons": 0,
    "standard": 0,
    "floor_fen": None,
    "cap_fen": None,
    "entitlement_fen": 0,
}


def people(*rows: dict[str, Any]) -> pl.DataFrame:
    """People with keys in the order given, unless they bring their own."""
    full = [{**ROW, "staff_key": f"{number:05d}", **row} for number, row in enumerate(rows)]
    made = {}
    for name in full[0]:
        values = [row[name] for row in full]
        if name not in TYPES:
            values = [None if value is None else Decimal(str(value)) for value in values]
        made[name] = pl.Series(name, values, TYPES.get(name, FIGURE))
    return pl.DataFrame(made)


def part(method: ShareMethod, *, code: str = "points", weight: str = "1", **rest: Any) -> Part:
    """A part."""
    return Part(code=code, weight=Decimal(weight), method=method, **rest)


BY_POINTS = PayPlan(parts=(part(PointsShare(points="points")),))
ITEM_PLAN = PayPlan(fixed_items=(FixedItem(code="class", unit_fen=100, count="pupil_months"),), parts=BY_POINTS.parts)


def allocated(plan: PayPlan, money: dict[str, int] | int, *rows: dict[str, Any]) -> Allocation:
    """The plan over some people; one amount is pool A's."""
    amounts = {"A": money} if isinstance(money, int) else money
    pools = pl.DataFrame(
        {"pool": list(amounts), "pool_fen": list(amounts.values())}, {"pool": pl.String, "pool_fen": pl.Int64}
    )
    return allocate(plan, pools, people(*rows))


def paid(made: Allocation, column: str = "amount_fen") -> list[int]:
    """Amounts in the order of keys."""
    assert made.refusals == ()
    return made.payments[column].to_list()
