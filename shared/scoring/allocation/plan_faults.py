"""What is wrong with a plan before any pool is known: every fault at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from shared.scoring.allocation.exact import DIGITS
from shared.scoring.allocation.plan import EntitlementShare, Leftover, Part, PayPlan, PointsShare, TierShare


class PlanFaultKind(StrEnum):
    """What is wrong."""

    EMPTY = "empty"
    """Neither an item nor a part."""
    CODE_TWICE = "code_twice"
    UNIT_NOT_POSITIVE = "unit_not_positive"
    WEIGHT_NOT_POSITIVE = "weight_not_positive"
    TOO_MANY_DECIMALS = "too_many_decimals"
    """More than four, of γ more than two."""
    GAMMA_OUTSIDE = "gamma_outside"
    """γ outside 0 < γ ≤ 4."""
    SCALE_NOT_POSITIVE = "scale_not_positive"
    """Of a workload score, or the full score of an entitlement."""
    TIERS_MISSING = "tiers_missing"
    TIER_RATES_NOT_ONE = "tier_rates_not_one"
    """Shares of people do not add up to 1, or one is negative."""
    TIER_COEFFICIENTS_RISE = "tier_coefficients_rise"
    """A lower tier has more than a better one, or less than nothing."""
    NOTHING_TO_JOIN = "nothing_to_join"
    """What an entitlement leaves over is to join other parts, and there are none."""
    LEFTOVER_WITHOUT_PARTS = "leftover_without_parts"
    """``to_pool`` of a plan as a whole."""
    BOUNDS_ON_ENTITLEMENT = "bounds_on_entitlement"
    """Floor or cap of a part paid by entitlement."""


@dataclass(frozen=True, slots=True)
class PlanFault:
    """One fault, and the item or part it lies in."""

    kind: PlanFaultKind
    code: str | None = None


def plan_faults(plan: PayPlan) -> tuple[PlanFault, ...]:
    """Every fault of a plan, in its order; none: it can be used."""
    return tuple(_faults(plan))


def _faults(plan: PayPlan) -> Iterator[PlanFault]:
    codes = [*(item.code for item in plan.fixed_items), *(part.code for part in plan.parts)]
    if not codes:
        yield PlanFault(PlanFaultKind.EMPTY)
    if plan.leftover is Leftover.TO_POOL:
        yield PlanFault(PlanFaultKind.LEFTOVER_WITHOUT_PARTS)
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        yield PlanFault(PlanFaultKind.CODE_TWICE, code)
    for item in plan.fixed_items:
        if item.unit_fen <= 0:
            yield PlanFault(PlanFaultKind.UNIT_NOT_POSITIVE, item.code)
    shares_out = any(not isinstance(part.method, EntitlementShare) for part in plan.parts)
    for part in plan.parts:
        yield from _part_faults(part, shares_out=shares_out)


def _part_faults(part: Part, *, shares_out: bool) -> Iterator[PlanFault]:
    if part.weight <= 0:
        yield PlanFault(PlanFaultKind.WEIGHT_NOT_POSITIVE, part.code)
    if _decimals(part.weight) > DIGITS:
        yield PlanFault(PlanFaultKind.TOO_MANY_DECIMALS, part.code)
    match part.method:
        case PointsShare(gamma=gamma):
            if not 0 < gamma <= 4:
                yield PlanFault(PlanFaultKind.GAMMA_OUTSIDE, part.code)
            if _decimals(gamma) > 2:
                yield PlanFault(PlanFaultKind.TOO_MANY_DECIMALS, part.code)
        case TierShare():
            yield from _tier_faults(part.method, part.code)
        case EntitlementShare(full_score=full, leftover=leftover):
            if full <= 0:
                yield PlanFault(PlanFaultKind.SCALE_NOT_POSITIVE, part.code)
            if leftover is Leftover.TO_POOL and not shares_out:
                yield PlanFault(PlanFaultKind.NOTHING_TO_JOIN, part.code)
            if part.floor_fen is not None or part.cap_fen is not None:
                yield PlanFault(PlanFaultKind.BOUNDS_ON_ENTITLEMENT, part.code)
        case _ if getattr(part.method, "scale", 1) <= 0:
            yield PlanFault(PlanFaultKind.SCALE_NOT_POSITIVE, part.code)


def _tier_faults(method: TierShare, code: str) -> Iterator[PlanFault]:
    if not method.tiers:
        yield PlanFault(PlanFaultKind.TIERS_MISSING, code)
        return
    rates = [tier.people_rate for tier in method.tiers]
    coefficients = [tier.coefficient for tier in method.tiers]
    if max(map(_decimals, (*rates, *coefficients))) > DIGITS:
        yield PlanFault(PlanFaultKind.TOO_MANY_DECIMALS, code)
    if min(rates) < 0 or sum(rates) != 1:
        yield PlanFault(PlanFaultKind.TIER_RATES_NOT_ONE, code)
    if coefficients != sorted(coefficients, reverse=True) or coefficients[-1] < 0:
        yield PlanFault(PlanFaultKind.TIER_COEFFICIENTS_RISE, code)


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else DIGITS + 1
