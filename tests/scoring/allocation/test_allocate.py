"""Pools shared by plans (SCORING §11)."""

from decimal import Decimal

import pytest

from shared.scoring.allocation.plan import (
    EntitlementShare,
    EqualShare,
    Exclusion,
    FixedItem,
    Leftover,
    PayPlan,
    PointsShare,
    Tier,
    TierShare,
    TieRule,
    WithoutWeights,
    WorkloadShare,
)
from tests.scoring.allocation.staff_rooms import BY_POINTS, ITEM_PLAN, allocated, paid, part, people

THIRDS = (Decimal("0.3333"), Decimal("0.3334"), Decimal("0.3333"))
MONTHLY = tuple(Tier(people_rate=r, coefficient=Decimal(c)) for r, c in zip(THIRDS, (90, 80, 70), strict=True))
HALVES = (
    Tier(people_rate=Decimal("0.5"), coefficient=Decimal(2)),
    Tier(people_rate=Decimal("0.5"), coefficient=Decimal("1.6")),
)


def test_points_share_the_pool():
    assert paid(allocated(BY_POINTS, 1_002, {"points": "33"}, {"points": "33"}, {"points": "34"})) == [331, 330, 341]


def test_fixed_items_come_first_and_points_share_the_rest():
    # 45 pupils × 10 months × 1 yuan; 3 lessons above and 2 below the standard at 5 yuan.
    plan = PayPlan(
        fixed_items=(
            FixedItem(code="class", unit_fen=100, count="pupil_months"),
            FixedItem(code="lessons", unit_fen=500, count="lessons", standard="standard"),
        ),
        parts=(part(PointsShare(points="points")),),
    )
    made = allocated(
        plan,
        146_000,
        {"points": 90, "pupil_months": 450, "lessons": 15, "standard": 12},
        {"points": 110, "lessons": 10, "standard": 12},
    )
    assert paid(made, "pay.class") == [45_000, 0]
    assert paid(made, "pay.lessons") == [1_500, -1_000]
    assert paid(made, "pay.points") == [45_225, 55_275]
    assert made.pools.select("pool_fen", "fixed_fen", "rest_fen", "paid_fen", "kept_fen").row(0) == (
        146_000,
        45_500,
        100_500,
        146_000,
        0,
    )


def test_half_a_fen_of_an_item_goes_away_from_nothing():
    plan = PayPlan(
        fixed_items=(FixedItem(code="x", unit_fen=1, count="lessons", standard="standard"),), leftover=Leftover.KEEP
    )
    made = allocated(plan, 10, {"lessons": "2.5"}, {"lessons": "0.4999"}, {"lessons": "7", "standard": "6.5"})
    assert paid(made) == [3, 0, 1]
    assert made.pools["kept_fen"].to_list() == [6]


def test_parts_have_their_own_money_by_largest_remainder():
    plan = PayPlan(
        parts=(
            part(EqualShare(), code="post", weight="50", post_coefficient="coefficient"),
            part(WorkloadShare(workload="workload"), code="workload", weight="27"),
            part(PointsShare(points="points"), code="assessment", weight="23"),
        )
    )
    rows = ({"coefficient": 1, "workload": 12, "points": 80}, {"coefficient": "1.5", "workload": 18, "points": 90})
    made = allocated(plan, 10_001, *rows)
    assert made.parts["money_fen"].to_list() == [5_001, 2_700, 2_300]
    assert paid(made, "pay.post") == [2_000, 3_001]
    assert paid(made, "pay.workload") == [1_080, 1_620]
    assert paid(made, "pay.assessment") == [1_082, 1_218]


def test_presence_counts_by_months():
    rows = ({"points": 100}, {"points": 100, "months_present": 6}, {"points": 100, "months_present": "0"})
    assert paid(allocated(BY_POINTS, 900, *rows)) == [600, 300, 0]


def test_gamma_widens_differences():
    plan = PayPlan(parts=(part(PointsShare(points="points", gamma=Decimal(2))),))
    assert paid(allocated(plan, 1_000, {"points": 30}, {"points": 10})) == [900, 100]
    root = PayPlan(parts=(part(PointsShare(points="points", gamma=Decimal("0.5"))),))
    assert paid(allocated(root, 500, {"points": 9}, {"points": 4})) == [300, 200]


def test_three_tiers_keep_the_sum_level():
    plan = PayPlan(parts=(part(TierShare(points="points", tiers=MONTHLY)),))
    rows = [{"points": points} for points in (70, 95, 81, 88, 60, 77)]
    assert paid(allocated(plan, 6 * 8_000, *rows)) == [7_000, 9_000, 8_000, 9_000, 7_000, 8_000]


def test_groups_are_ranked_apart():
    plan = PayPlan(parts=(part(TierShare(points="points", tiers=MONTHLY, group_by=("class_kind",))),))
    rows = [{"points": n, "class_kind": kind} for kind in ("parallel", "trial") for n in (1, 2, 3)]
    assert paid(allocated(plan, 6 * 8_000, *rows)) == [7_000, 8_000, 9_000] * 2


def test_money_can_stay_in_the_group():
    tiers = TierShare(points="points", tiers=HALVES, group_by=("class_kind",), money_by_group=True)
    rows = [{"points": n, "class_kind": kind} for kind, size in (("a", 1), ("b", 2)) for n in range(size)]
    # One alone is in the better tier; by coefficients alone it would have more than a third.
    assert paid(allocated(PayPlan(parts=(part(tiers),)), 540, *rows)) == [180, 160, 200]


@pytest.mark.parametrize(
    ("ties", "tiers"),
    [(TieRule.HIGHER, [1, 1, 1, 2]), (TieRule.LOWER, [1, 2, 2, 2]), (TieRule.BY_STAFF_KEY, [1, 1, 2, 2])],
)
def test_equal_points_at_a_border(ties, tiers):
    plan = PayPlan(parts=(part(TierShare(points="points", tiers=HALVES, ties=ties)),))
    made = allocated(plan, 1_000, {"points": 9}, {"points": 5}, {"points": 5}, {"points": 1})
    assert made.shares["tier"].to_list() == tiers
    assert sum(paid(made)) == 1_000


def test_entitlements_are_nobody_elses_loss():
    method = EntitlementShare(entitlement_fen="entitlement_fen", score="points")
    rows = (
        {"entitlement_fen": 10_000, "points": "95.5"},
        {"entitlement_fen": 8_000, "points": 80, "months_present": 6},
    )
    kept = allocated(PayPlan(parts=(part(method),)), 18_000, *rows)
    assert paid(kept) == [9_550, 3_200]
    assert kept.pools.select("paid_fen", "kept_fen").row(0) == (12_750, 5_250)


def test_what_entitlements_leave_can_join_the_other_parts():
    method = EntitlementShare(entitlement_fen="entitlement_fen", score="points", leftover=Leftover.TO_POOL)
    plan = PayPlan(parts=(part(method, code="own", weight="9"), part(EqualShare(), code="equal", weight="1")))
    made = allocated(plan, 20_000, {"entitlement_fen": 10_000, "points": 80}, {"entitlement_fen": 8_000, "points": 100})
    assert paid(made, "pay.own") == [8_000, 8_000]
    assert paid(made, "pay.equal") == [2_000, 2_000]


def test_people_outside_the_pool_get_nothing_and_the_money_stays():
    rows = (
        {"points": 50, "floor_fen": 100},
        {"points": 50, "floor_fen": 900, "exclusion": Exclusion.CONDUCT_VETO.value},
        {"points": None, "exclusion": Exclusion.PRINCIPAL.value},
    )
    plan = PayPlan(parts=(part(PointsShare(points="points"), floor_fen="floor_fen"),))
    made = allocated(plan, 1_000, *rows)
    assert paid(made) == [1_000, 0, 0]
    assert made.payments["exclusion"].to_list() == [None, "conduct_veto", "principal"]
    assert made.pools["excluded_count"].to_list() == [2]


def test_an_item_may_be_paid_in_spite_of_an_exclusion():
    item = FixedItem(code="class", unit_fen=100, count="pupil_months", paid_to=frozenset({Exclusion.RETIRED}))
    plan = PayPlan(fixed_items=(item,), parts=BY_POINTS.parts)
    gone = {"points": 10, "pupil_months": 2}
    rows = ({"points": 1}, gone | {"exclusion": "retired"}, gone | {"exclusion": "seconded"})
    assert paid(allocated(plan, 1_000, *rows)) == [800, 200, 0]


def refused(plan: PayPlan, money: int, *rows: dict) -> tuple:
    [refusal] = allocated(plan, money, *rows).refusals
    return refusal.reason.value, dict(refusal.figures), refusal.column, refusal.staff_keys


BOUNDED = PayPlan(parts=(part(PointsShare(points="points"), floor_fen="floor_fen", cap_fen="cap_fen"),))
OWN = EntitlementShare(entitlement_fen="entitlement_fen", score="points")


@pytest.mark.parametrize(
    ("plan", "row", "expected"),
    [
        (
            BOUNDED,
            {"points": 1, "floor_fen": 101},
            ("floors_above_money", {"floors_fen": 101, "money_fen": 100}, None, ()),
        ),
        (BOUNDED, {"points": 1, "cap_fen": 99}, ("caps_below_money", {"caps_fen": 99, "money_fen": 100}, None, ())),
        (BOUNDED, {"points": 1, "floor_fen": 5, "cap_fen": 4}, ("floor_above_cap", {}, None, ("00000",))),
        (BOUNDED, {"points": None}, ("figure_missing", {}, "points", ("00000",))),
        (BOUNDED, {"points": -1}, ("figure_outside", {}, "points", ("00000",))),
        (BOUNDED, {"points": 1, "months_present": 13}, ("figure_outside", {}, "months_present", ("00000",))),
        (BOUNDED, {"points": 0}, ("no_weights", {"money_fen": 100}, None, ())),
        (BOUNDED, {"points": 1, "exclusion": "left"}, ("nobody_to_pay", {"money_fen": 100}, None, ())),
        (
            ITEM_PLAN,
            {"points": 1, "pupil_months": 2},
            ("fixed_above_pool", {"fixed_fen": 200, "pool_fen": 100}, None, ()),
        ),
        (ITEM_PLAN, {"points": 1, "pupil_months": None}, ("figure_missing", {}, "pupil_months", ("00000",))),
        (
            PayPlan(fixed_items=ITEM_PLAN.fixed_items),
            {"points": 1},
            ("left_over", {"money_fen": 100}, None, ()),
        ),
        (
            PayPlan(parts=(part(OWN),)),
            {"points": 101, "entitlement_fen": 100},
            ("entitlements_above_money", {"entitlements_fen": 101, "money_fen": 100}, None, ()),
        ),
    ],
)
def test_refusals_name_the_figures_that_clash(plan, row, expected):
    assert refused(plan, 100, row) == expected


def test_deductions_cannot_exceed_what_a_person_gets():
    item = FixedItem(code="lessons", unit_fen=500, count="lessons", standard="standard")
    plan = PayPlan(fixed_items=(item,), parts=BY_POINTS.parts)
    found = refused(plan, 100, {"points": 0, "standard": 1}, {"points": 1})
    assert found == ("payment_negative", {}, None, ("00000",))


@pytest.mark.parametrize(
    ("policy", "amounts", "kept"), [(WithoutWeights.EQUAL, [67, 33], 0), (WithoutWeights.KEEP, [0, 0], 100)]
)
def test_without_points_the_plan_says_what_happens(policy, amounts, kept):
    plan = PayPlan(parts=(part(PointsShare(points="points"), without_weights=policy),))
    made = allocated(plan, 100, {"points": 0}, {"points": 0, "months_present": 6})
    assert paid(made) == amounts
    assert made.pools["kept_fen"].to_list() == [kept]


def test_a_pool_without_money_or_people():
    assert paid(allocated(BY_POINTS, 0, {"points": 1})) == [0]
    made = allocated(BY_POINTS, {"A": 5, "B": 3, "C": 0}, {"points": 1})
    assert [(refusal.pool, refusal.reason.value) for refusal in made.refusals] == [("B", "nobody_to_pay")]
    assert made.payments["amount_fen"].to_list() == [5]


def test_one_refused_pool_keeps_no_other_from_its_pay():
    made = allocated(BY_POINTS, {"A": 5, "B": 7}, {"points": None}, {"points": 1, "pool": "B"})
    assert [refusal.pool for refusal in made.refusals] == ["A"]
    assert made.payments.select("pool", "amount_fen").rows() == [("B", 7)]


def test_floats_are_no_figures_of_pay():
    from shared.scoring.allocation.allocate import allocate

    rows = people({"points": 1}).with_columns(points=1.0)
    with pytest.raises(ValueError, match="decimals or whole numbers"):
        allocate(BY_POINTS, rows.select("pool", pool_fen=1), rows)
