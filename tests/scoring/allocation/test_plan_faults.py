"""What is wrong with a plan is said before any pool is known, all at once."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.scoring.allocation.plan import (
    EntitlementShare,
    FixedItem,
    Leftover,
    PayPlan,
    PointsShare,
    Tier,
    TierShare,
    WorkloadShare,
)
from shared.scoring.allocation.plan_faults import plan_faults
from tests.scoring.allocation.staff_rooms import BY_POINTS, ITEM_PLAN, allocated, part

OWN = EntitlementShare(entitlement_fen="entitlement_fen", score="points")


def tiers(*pairs: tuple[str, str]) -> PayPlan:
    made = tuple(Tier(people_rate=Decimal(rate), coefficient=Decimal(coefficient)) for rate, coefficient in pairs)
    return PayPlan(parts=(part(TierShare(points="points", tiers=made)),))


def points(gamma: str) -> PayPlan:
    return PayPlan(parts=(part(PointsShare(points="points", gamma=Decimal(gamma))),))


@pytest.mark.parametrize(
    ("plan", "faults"),
    [
        (PayPlan(), [("empty", None)]),
        (replace(BY_POINTS, leftover=Leftover.TO_POOL), [("leftover_without_parts", None)]),
        (PayPlan(parts=BY_POINTS.parts * 2), [("code_twice", "points")]),
        (PayPlan(fixed_items=(FixedItem(code="x", unit_fen=0, count="c"),)), [("unit_not_positive", "x")]),
        (PayPlan(parts=(part(OWN, weight="0"),)), [("weight_not_positive", "points")]),
        (PayPlan(parts=(part(OWN, weight="0.00001"),)), [("too_many_decimals", "points")]),
        (points("0"), [("gamma_outside", "points")]),
        (points("4.5"), [("gamma_outside", "points")]),
        (points("1.005"), [("too_many_decimals", "points")]),
        (PayPlan(parts=(part(WorkloadShare(workload="w", scale=0)),)), [("scale_not_positive", "points")]),
        (PayPlan(parts=(part(replace(OWN, full_score=0)),)), [("scale_not_positive", "points")]),
        (PayPlan(parts=(part(replace(OWN, leftover=Leftover.TO_POOL)),)), [("nothing_to_join", "points")]),
        (PayPlan(parts=(part(OWN, floor_fen="floor_fen"),)), [("bounds_on_entitlement", "points")]),
        (tiers(), [("tiers_missing", "points")]),
        (tiers(("0.5", "2"), ("0.4", "1")), [("tier_rates_not_one", "points")]),
        (tiers(("1.5", "2"), ("-0.5", "1")), [("tier_rates_not_one", "points")]),
        (tiers(("0.5", "1"), ("0.5", "2")), [("tier_coefficients_rise", "points")]),
        (tiers(("0.5", "1"), ("0.5", "-1")), [("tier_coefficients_rise", "points")]),
        (tiers(("0.5", "1.00001"), ("0.5", "1")), [("too_many_decimals", "points")]),
        (ITEM_PLAN, []),
    ],
)
def test_faults(plan, faults):
    assert [(fault.kind.value, fault.code) for fault in plan_faults(plan)] == faults


def test_a_plan_with_faults_shares_nothing():
    with pytest.raises(ValueError, match="empty"):
        allocated(PayPlan(), 1, {"points": 1})
