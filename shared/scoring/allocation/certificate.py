"""A run's certificate: what was shared among how many, by which plan, and the hashes of what it was worked out from.

With the two tables beside it the separate program ``tools/check_pay_certificate.py`` works out every fen again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, assert_never

import polars as pl

from shared.scoring.allocation.allocate import Allocation
from shared.scoring.allocation.people import PERIOD, PRESENT
from shared.scoring.allocation.plan import (
    EntitlementShare,
    EqualShare,
    PayPlan,
    PointsShare,
    ShareMethod,
    TierShare,
    WorkloadShare,
)
from shared.scoring.methods import PAY_ALLOCATION

FORMAT = "pay-certificate/1"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Texts of the three files that the checking program reads.

    Args:
        text: ``certificate.json``: canonical JSON (sorted keys, UTF-8, no spaces).
        inputs: ``inputs.csv``: the people with the figures that the plan reads, sorted by pool and staff key.
        payments: ``payments.csv``: what each got, by item and part.
    """

    text: str
    inputs: str
    payments: str

    @property
    def sha256(self) -> str:
        """Of the certificate; it names plan, inputs and payments by theirs."""
        return _sha256(self.text)

    def files(self) -> dict[str, str]:
        """Texts by the names that the checking program looks for."""
        return {"certificate.json": self.text, "inputs.csv": self.inputs, "payments.csv": self.payments}


def certificate(plan: PayPlan, members: pl.DataFrame, allocation: Allocation) -> Certificate:
    """The certificate of a run; refused pools are not in it.

    Args:
        plan: the plan it was made by.
        members: as they went into :func:`~shared.scoring.allocation.allocate.allocate`; their order does not matter.
        allocation: what came of it.
    """
    inputs = _inputs(plan, members, allocation).write_csv()
    payments = allocation.payments.drop("exclusion").write_csv()
    method = {"id": PAY_ALLOCATION.id, "version": PAY_ALLOCATION.version, "section": PAY_ALLOCATION.section}
    content = plan_content(plan)
    told = {
        "format": FORMAT,
        "method": method,
        "plan": content,
        "plan_sha256": _sha256(canonical(content)),
        "inputs_sha256": _sha256(inputs),
        "payments_sha256": _sha256(payments),
        "pools": allocation.pools.to_dicts(),
        "pool_fen": int(allocation.pools["pool_fen"].sum()),
        "paid_fen": int(allocation.pools["paid_fen"].sum()),
    }
    return Certificate(canonical(told), inputs, payments)


def canonical(content: Mapping[str, Any]) -> str:
    """JSON that is the same text whoever writes it."""
    return json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def plan_columns(plan: PayPlan) -> tuple[str, ...]:
    """Columns of the members that a plan reads, each once, in a fixed order."""
    names: list[str | None] = []
    if any(part.by_presence for part in plan.parts):
        names += [PRESENT, PERIOD]
    for item in plan.fixed_items:
        names += [item.count, item.standard]
    for part in plan.parts:
        names += [part.post_coefficient, part.floor_fen, part.cap_fen, *_method_columns(part.method)]
    return tuple(dict.fromkeys(name for name in names if name is not None))


def plan_content(plan: PayPlan) -> dict[str, Any]:
    """The plan as JSON: decimals as text, closed sets by their values."""
    return {
        "leftover": plan.leftover.value,
        "fixed_items": [
            {
                "code": item.code,
                "unit_fen": item.unit_fen,
                "count": item.count,
                "standard": item.standard,
                "paid_to": sorted(exclusion.value for exclusion in item.paid_to),
            }
            for item in plan.fixed_items
        ],
        "parts": [
            {
                "code": part.code,
                "weight": _text(part.weight),
                "method": _method_content(part.method),
                "post_coefficient": part.post_coefficient,
                "by_presence": part.by_presence,
                "floor_fen": part.floor_fen,
                "cap_fen": part.cap_fen,
                "without_weights": part.without_weights.value,
            }
            for part in plan.parts
        ],
    }


def _method_content(method: ShareMethod) -> dict[str, Any]:
    match method:
        case PointsShare():
            return {"kind": "points", "points": method.points, "gamma": _text(method.gamma)}
        case WorkloadShare():
            return {"kind": "workload", "workload": method.workload, "scale": method.scale}
        case TierShare():
            tiers = [
                {"people_rate": _text(tier.people_rate), "coefficient": _text(tier.coefficient)}
                for tier in method.tiers
            ]
            ranked = {"group_by": list(method.group_by), "money_by_group": method.money_by_group}
            return {"kind": "tiers", "points": method.points, "tiers": tiers, "ties": method.ties.value, **ranked}
        case EqualShare():
            return {"kind": "equal"}
        case EntitlementShare():
            of = {"entitlement_fen": method.entitlement_fen, "score": method.score, "full_score": method.full_score}
            return {"kind": "entitlement", **of, "leftover": method.leftover.value}
        case _:
            assert_never(method)


def _method_columns(method: ShareMethod) -> tuple[str, ...]:
    match method:
        case PointsShare():
            return (method.points,)
        case WorkloadShare():
            return (method.workload,)
        case TierShare():
            return (method.points, *method.group_by)
        case EqualShare():
            return ()
        case EntitlementShare():
            return (method.entitlement_fen, method.score)
        case _:
            assert_never(method)


def _inputs(plan: PayPlan, members: pl.DataFrame, allocation: Allocation) -> pl.DataFrame:
    shared = members.join(allocation.pools, on="pool", how="semi").sort("pool", "staff_key")
    if "exclusion" not in shared.columns:
        shared = shared.with_columns(exclusion=pl.lit(None, pl.String))
    columns = [name for name in plan_columns(plan) if name not in ("pool", "staff_key", "exclusion")]
    return shared.select("pool", "staff_key", "exclusion", *columns)


def _text(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
