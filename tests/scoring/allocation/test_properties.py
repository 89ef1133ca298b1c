"""What holds for every plan and every pool (SCORING §11.3, §11.7)."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.scoring.allocation.allocate import PAY, Allocation
from shared.scoring.allocation.plan import (
    EntitlementShare,
    EqualShare,
    Leftover,
    Part,
    PayPlan,
    PointsShare,
    Tier,
    TierShare,
    TieRule,
    WithoutWeights,
    WorkloadShare,
)
from tests.scoring.allocation.staff_rooms import allocated, part

MANY = settings(max_examples=80, deadline=None)
POINTS = st.decimals(0, 120, places=2)
TIERS = (
    Tier(people_rate=Decimal("0.3"), coefficient=Decimal(2)),
    Tier(people_rate=Decimal("0.4"), coefficient=Decimal("1.6")),
    Tier(people_rate=Decimal("0.3"), coefficient=Decimal("1.2")),
)


@st.composite
def rows(draw: st.DrawFn, *, max_size: int = 7) -> list[dict]:
    count = draw(st.integers(1, max_size))
    level = draw(st.none() | POINTS)
    return [
        {
            "staff_key": f"k{number}",
            "points": draw(POINTS) if level is None else level,
            "workload": draw(st.decimals(0, 30, places=1)),
            "coefficient": draw(st.sampled_from([Decimal(1), Decimal("1.2"), Decimal("0.85")])),
            "months_present": draw(st.sampled_from([12, 12, 6, 1, 0])),
            "exclusion": draw(st.sampled_from([None] * 6 + ["conduct_veto"])),
            "floor_fen": draw(st.none() | st.integers(0, 50)),
            "cap_fen": draw(st.none() | st.integers(50, 10**6)),
            "entitlement_fen": draw(st.integers(0, 1_000)),
        }
        for number in range(count)
    ]


def share_parts() -> st.SearchStrategy[Part]:
    methods = st.sampled_from(
        [
            PointsShare(points="points"),
            PointsShare(points="points", gamma=Decimal("1.5")),
            PointsShare(points="points", gamma=Decimal("0.5")),
            WorkloadShare(workload="workload"),
            EqualShare(),
        ]
    )
    return st.builds(
        part,
        methods,
        weight=st.sampled_from(["50", "27", "23"]),
        post_coefficient=st.sampled_from([None, "coefficient"]),
        floor_fen=st.sampled_from([None, "floor_fen"]),
        cap_fen=st.sampled_from([None, "cap_fen"]),
        without_weights=st.sampled_from(WithoutWeights),
    )


@st.composite
def plans(draw: st.DrawFn, parts: st.SearchStrategy[Part]) -> PayPlan:
    made = draw(st.lists(parts, min_size=1, max_size=3))
    return PayPlan(parts=tuple(replace(one, code=f"part{number}") for number, one in enumerate(made)))


MONEY = st.sampled_from([0, 1, 2, 3, 97, 5_003, 1_234_567, 10**15])


def amounts(made: Allocation) -> dict[str, int]:
    return dict(made.payments.select("staff_key", "amount_fen").iter_rows())


@MANY
@given(plans(share_parts()), rows(), MONEY)
def test_paid_and_kept_are_the_pool(plan, people, money):
    made = allocated(plan, money, *people)
    for pool_fen, paid, kept in made.pools.select("pool_fen", "paid_fen", "kept_fen").iter_rows():
        assert pool_fen == money == paid + kept
        assert made.payments["amount_fen"].sum() == paid
        assert made.parts["kept_fen"].sum() == kept
        if all(one.without_weights is not WithoutWeights.KEEP for one in plan.parts):
            assert kept == 0
    by_part = made.payments.select(pay for pay in made.payments.columns if pay.startswith(PAY))
    assert made.payments.is_empty() or by_part.sum_horizontal().to_list() == made.payments["amount_fen"].to_list()
    assert (made.pools.height == 0) == bool(made.refusals)


@MANY
@given(plans(share_parts()), rows(), MONEY, st.data())
def test_more_points_or_work_never_means_less_money(plan, people, money, data):
    before = allocated(plan, money, *people)
    place = data.draw(st.integers(0, len(people) - 1))
    column = data.draw(st.sampled_from(["points", "workload", "coefficient", "months_present"]))
    raised = dict(people[place])
    step = data.draw(st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(20)]))
    raised[column] = min(raised[column] + step, Decimal(12)) if column == "months_present" else raised[column] + step
    after = allocated(plan, money, *[*people[:place], raised, *people[place + 1 :]])
    if not before.refusals and not after.refusals and not _policy_speaks(plan, people):
        assert amounts(after)[raised["staff_key"]] >= amounts(before)[raised["staff_key"]]


def _policy_speaks(plan: PayPlan, people: list[dict]) -> bool:
    """Whether nobody has points or work, so that the plan's word for that case shares some part."""
    inside = [row for row in people if row["exclusion"] is None and row["months_present"]]
    return not inside or any(not any(row[name] for row in inside) for name in ("points", "workload"))


@MANY
@given(rows(), st.sampled_from([10**6, 10**9]), st.sampled_from(TieRule), st.data())
def test_a_better_place_in_the_tiers_never_means_less(people, money, ties, data):
    plan = PayPlan(parts=(part(TierShare(points="points", tiers=TIERS, ties=ties)),))
    before = allocated(plan, money, *people)
    place = data.draw(st.integers(0, len(people) - 1))
    raised = people[place] | {
        "points": people[place]["points"] + data.draw(st.sampled_from([Decimal("0.01"), Decimal(30)]))
    }
    after = allocated(plan, money, *[*people[:place], raised, *people[place + 1 :]])
    if not before.refusals:
        assert amounts(after)[raised["staff_key"]] >= amounts(before)[raised["staff_key"]]


@MANY
@given(rows(), st.sampled_from(list(TieRule)[:2]))
def test_tiers_never_split_equal_points_unless_told(people, ties):
    plan = PayPlan(
        parts=(part(TierShare(points="points", tiers=TIERS, ties=ties), without_weights=WithoutWeights.KEEP),)
    )
    made = allocated(plan, 10**6, *people)
    points = {row["staff_key"]: row["points"] for row in people}
    tiers: dict[Decimal, set] = {}
    for key, tier in made.shares.filter(made.shares["tier"].is_not_null()).select("staff_key", "tier").iter_rows():
        tiers.setdefault(points[key], set()).add(tier)
    assert all(len(found) == 1 for found in tiers.values())
    in_order = [tiers[value].pop() for value in sorted(tiers, reverse=True)]
    assert in_order == sorted(in_order)


OWN = EntitlementShare(entitlement_fen="entitlement_fen", score="points", leftover=Leftover.TO_POOL)
EVERY = st.one_of(
    share_parts(),
    st.just(part(OWN)),
    st.builds(lambda ties: part(TierShare(points="points", tiers=TIERS, ties=ties)), st.sampled_from(TieRule)),
)


@MANY
@given(plans(EVERY), rows(), MONEY, st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(plan, people, money, shuffle):
    plan = replace(plan, parts=(*plan.parts, part(EqualShare(), code="equal")))
    first = allocated(plan, money, *people)
    shuffle.shuffle(people)
    second = allocated(plan, money, *people)
    for frame in ("payments", "shares", "parts", "pools"):
        assert getattr(first, frame).equals(getattr(second, frame))
    assert first.refusals == second.refusals


@MANY
@given(rows(), MONEY, st.sampled_from([Decimal(2), Decimal("0.5"), Decimal(1_000)]))
def test_the_scale_of_points_never_matters(people, money, factor):
    plan = PayPlan(parts=(part(PointsShare(points="points"), floor_fen="floor_fen", cap_fen="cap_fen"),))
    scaled = [row | {"points": row["points"] * factor} for row in people]
    first, second = allocated(plan, money, *people), allocated(plan, money, *scaled)
    assert first.payments.equals(second.payments)


@MANY
@given(rows(), MONEY)
def test_floors_and_caps_are_met_or_the_pool_is_refused(people, money):
    plan = PayPlan(parts=(part(PointsShare(points="points"), floor_fen="floor_fen", cap_fen="cap_fen"),))
    made = allocated(plan, money, *people)
    inside = [row for row in people if row["exclusion"] is None]
    floors = sum(row["floor_fen"] or 0 for row in inside)
    if floors > money and inside:
        assert made.refusals[0].reason.value in ("floors_above_money", "nobody_to_pay", "no_weights")
    if not made.refusals:
        for row in inside:
            cap = money if row["cap_fen"] is None else row["cap_fen"]
            assert (row["floor_fen"] or 0) <= amounts(made)[row["staff_key"]] <= cap


@pytest.mark.parametrize("seed", range(4))
def test_thousands_of_pools_in_one_call_are_shared_as_each_would_be_alone(seed):
    chance = random.Random(seed)  # noqa: S311 - staff for a test
    plan = PayPlan(
        parts=(
            part(PointsShare(points="points"), code="a", cap_fen="cap_fen", without_weights=WithoutWeights.EQUAL),
            part(TierShare(points="points", tiers=TIERS, group_by=("class_kind",), money_by_group=True), code="b"),
        )
    )
    money, people = {}, []
    for number in range(1_000):
        pool = f"{number:04d}"
        money[pool] = chance.choice([0, 1, 10**4, 10**8, 10**15])
        people += [
            {
                "pool": pool,
                "staff_key": f"{pool}{place}",
                "points": chance.choice([0, 50, chance.randint(0, 10_000) / Decimal(100)]),
                "class_kind": chance.choice("ab"),
                "cap_fen": chance.choice([None, None, money[pool]]),
            }
            for place in range(chance.randint(1, 6))
        ]
    made = allocated(plan, money, *people)
    assert made.pools["paid_fen"].to_list() == [money[pool] for pool in made.pools["pool"]]
    assert {refusal.reason.value for refusal in made.refusals} <= {"no_weights"}
    for pool in chance.sample(sorted(money), 12):
        alone = allocated(plan, {pool: money[pool]}, *(row for row in people if row["pool"] == pool))
        assert alone.payments.equals(made.payments.filter(pool=pool))
