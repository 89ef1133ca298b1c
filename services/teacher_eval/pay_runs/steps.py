"""One person's payment step by step: the figures, the weight, fen per unit of weight, the rounding. Blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from services.teacher_eval.money import yuan
from services.teacher_eval.pay_plans.document import (
    ADJUSTMENT,
    FixedItem,
    OwnEntitlement,
    Part,
    PlanDocument,
    PointsShare,
    Tiers,
    WorkloadRatio,
)
from services.teacher_eval.pay_runs.inputs import (
    COEFFICIENT,
    COUNTS,
    CREDIT,
    DEBIT,
    ENTITLEMENT,
    EXCLUSION,
    GROUP,
    PERIOD,
    POINTS,
    PRESENT,
    STAFF_KEY,
)
from services.teacher_eval.pay_runs.sharing import PAY, share

#: Decimals that an exact share is shown with beside its fraction.
PLACES = 4


def steps_of(
    pool: str, amount_fen: int, document: PlanDocument, inputs: pl.DataFrame, staff_key: str
) -> list[dict[str, Any]]:
    """Every step of a person's payment, in the plan's order; their amounts add up to it.

    Args:
        pool: its code.
        amount_fen: its money.
        document: the plan.
        inputs: of the run.
        staff_key: whose.
    """
    shared = share(pool, amount_fen, document, inputs)
    person = inputs.filter(pl.col(STAFF_KEY) == staff_key).row(0, named=True)
    paid = shared.outcomes.filter(pl.col(STAFF_KEY) == staff_key).row(0, named=True)
    shares = shared.allocation.shares
    own = {row["part"]: row for row in _rows_of(shares, staff_key)}
    money = {row["part"]: row["money_fen"] for row in shared.allocation.parts.iter_rows(named=True)}
    steps = [_item_step(item, person, paid) for item in document.fixed_items]
    if PAY + ADJUSTMENT in paid:
        figures = {"credit_fen": person[CREDIT], "debit_fen": person[DEBIT]}
        steps.append(_step(ADJUSTMENT, "台账调整 / adjustments", "carried", figures, paid[PAY + ADJUSTMENT]))
    for part in document.parts:
        figures = dict(_part_figures(part, person)) | dict(_sharing_figures(own.get(part.code)))
        figures["money_of_part_fen"] = money[part.code]
        steps.append(_step(part.code, part.name, part.method.kind, figures, paid[PAY + part.code]))
    if person[EXCLUSION] is not None:
        for step in steps:
            step["figures"]["exclusion"] = person[EXCLUSION]
    return steps


def _rows_of(shares: pl.DataFrame, staff_key: str) -> Iterator[dict[str, Any]]:
    if shares.is_empty():
        return
    yield from shares.filter(pl.col(STAFF_KEY) == staff_key).iter_rows(named=True)


def _step(code: str, name: str, kind: str, figures: Mapping[str, Any], amount_fen: int) -> dict[str, Any]:
    amount = {"fen": amount_fen, "yuan": yuan(amount_fen)}
    return {"code": code, "name": name, "kind": kind, "figures": dict(figures), "amount": amount}


def _item_step(item: FixedItem, person: Mapping[str, Any], paid: Mapping[str, Any]) -> dict[str, Any]:
    figures = {"rate_fen": item.rate_fen, "count": _text(person[COUNTS + item.count]), "unit": item.unit}
    if item.standard is not None:
        figures["standard"] = _text(person[COUNTS + item.standard])
    return _step(item.code, item.name, "fixed", figures, paid[PAY + item.code])


def _part_figures(part: Part, person: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What is known of the person that this part asks for."""
    method = part.method
    match method:
        case PointsShare() | Tiers() | OwnEntitlement():
            yield "points", _text(person[POINTS + method.points.key])
        case WorkloadRatio():
            yield "workload", _text(person[COUNTS + method.count])
    if isinstance(method, PointsShare) and method.gamma != 1:
        yield "gamma", _text(method.gamma)
    if isinstance(method, Tiers) and method.by_group:
        yield "group_of_person", person[GROUP]
    if isinstance(method, OwnEntitlement):
        yield "entitlement_fen", person[ENTITLEMENT]
        yield "full_points", method.full_points
    if COEFFICIENT + part.code in person:
        yield "coefficient", _text(person[COEFFICIENT + part.code])
    if part.by_presence:
        yield "presence", f"{_text(person[PRESENT])}/{person[PERIOD]}"


def _sharing_figures(row: Mapping[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """How the weight became money: exact share = weight × rate, inside floor and cap, then whole fen."""
    if row is None:
        return
    yield "weight", row["weight"]
    if row["tier"] is not None:
        yield "tier", row["tier"]
    if row["rate_denominator"]:
        rate = Fraction(row["rate_numerator"], row["rate_denominator"])
        exact = rate * row["weight"]
        yield "fen_per_weight", f"{rate.numerator}/{rate.denominator}"
        yield "exact_fen", f"{exact.numerator}/{exact.denominator}"
        yield "exact_fen_decimal", f"{exact.numerator / exact.denominator:.{PLACES}f}"
    for name in ("floor_fen", "cap_fen"):
        if row[name]:
            yield name, row[name]
    for name in ("is_floored", "is_capped", "is_raised", "is_tied"):
        yield name, row[name]


def _text(value: object) -> str | None:
    return None if value is None else f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)
