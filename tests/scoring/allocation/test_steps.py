"""One person's pay, step by step."""

from decimal import Decimal
from fractions import Fraction

import pytest

from shared.scoring.allocation.plan import (
    EntitlementShare,
    EqualShare,
    FixedItem,
    Leftover,
    PayPlan,
    PointsShare,
    Tier,
    TierShare,
    WorkloadShare,
)
from shared.scoring.allocation.steps import Step, StepKind, steps
from tests.scoring.allocation.staff_rooms import BY_POINTS, allocated, part, people


def told(plan: PayPlan, money: int, *rows: dict, of: int = 0) -> tuple[Step, ...]:
    made = allocated(plan, money, *rows)
    found = steps(plan, people(*rows), made, pool="A", staff_key=f"{of:05d}")
    # Whatever the plan: items and parts end in amounts that add up to the total.
    last = {step.code: step.result_fen for step in found if step.code and step.kind is not StepKind.PART_MONEY}
    paid = made.payments.row(of, named=True)
    assert found[-1].result_fen == paid["amount_fen"]
    assert all(paid[f"pay.{code}"] == fen for code, fen in last.items())
    return found


def test_a_share_of_points():
    rows = ({"points": 33}, {"points": 33}, {"points": 34, "months_present": 6})
    found = told(BY_POINTS, 1_000, *rows)
    assert [step.kind.value for step in found] == ["pool", "part_money", "weight", "exact_share", "rounding", "total"]
    _, _, weight, exact, rounding, _ = found
    assert weight.figures == {"weight": "33", "points": "33", "presence": "12/12"}
    assert weight.sentence.zh == "积分 33、在岗 12/12，权数 33。"
    assert Fraction(exact.figures["exact_fen"]) == Fraction(33_000, 83)
    assert exact.figures["decimal_fen"] == "397.5904"
    assert (rounding.figures["is_raised"], rounding.result_fen) == ("true", 398)
    assert found[-1].sentence.en == "Together 3.98 yuan."


def test_fixed_items_and_the_rest():
    items = (
        FixedItem(code="class", unit_fen=100, count="pupil_months"),
        FixedItem(code="lessons", unit_fen=500, count="lessons", standard="standard"),
    )
    row = {"points": 1, "pupil_months": 45, "lessons": 10, "standard": 12}
    found = told(PayPlan(fixed_items=items, parts=BY_POINTS.parts), 10_000, row, {"points": 1})
    assert found[1].sentence.en == "Fixed item: 1.00 × 45 = 45.00 yuan."
    assert found[2].sentence.zh == "固定项目：5.00 × (10 − 12) = -10.00 元。"
    assert found[3].sentence.en == "Left after the fixed items of all: 100.00 − 35.00 = 65.00 yuan."


def test_bounds_are_told_instead_of_rounding():
    plan = PayPlan(parts=(part(PointsShare(points="points"), floor_fen="floor_fen", cap_fen="cap_fen"),))
    rows = ({"points": 1, "floor_fen": 300}, {"points": 9, "cap_fen": 600}, {"points": 1})
    assert [step.figures.get("bound") for step in told(plan, 1_000, *rows, of=0)][-2] == "floor"
    assert [step.figures.get("bound") for step in told(plan, 1_000, *rows, of=1)][-2] == "cap"
    assert told(plan, 1_000, *rows, of=2)[-1].result_fen == 100


def test_every_method_says_what_it_reads():
    tiers = (
        Tier(people_rate=Decimal("0.5"), coefficient=Decimal(2)),
        Tier(people_rate=Decimal("0.5"), coefficient=Decimal(1)),
    )
    own = EntitlementShare(entitlement_fen="entitlement_fen", score="points", leftover=Leftover.TO_POOL)
    plan = PayPlan(
        parts=(
            part(PointsShare(points="points", gamma=Decimal("1.5")), code="p", post_coefficient="coefficient"),
            part(WorkloadShare(workload="workload"), code="w"),
            part(TierShare(points="points", tiers=tiers), code="t"),
            part(EqualShare(), code="e", by_presence=False),
            part(own, code="o", post_coefficient="coefficient"),
        )
    )
    rows = (
        {"points": 81, "workload": 12, "coefficient": "1.2", "entitlement_fen": 500},
        {"points": 64, "workload": 18, "entitlement_fen": 100},
    )
    found = told(plan, 10_000, *rows)
    figures = {step.code: step.figures for step in found if step.kind in (StepKind.WEIGHT, StepKind.ENTITLEMENT)}
    assert figures["p"].items() >= {"gamma": "1.5", "points": "81", "post_coefficient": "1.2"}.items()
    assert figures["w"].items() >= {"workload": "12", "workload_score": "8.0000"}.items()
    assert figures["t"].items() >= {"tier": "1", "coefficient": "2"}.items()
    assert figures["e"] == {"weight": "1"}
    assert figures["o"].items() >= {"entitlement_fen": "500", "full_score": "100", "score": "81"}.items()
    assert all(step.sentence.zh.endswith("。") and step.sentence.en.endswith(".") for step in found)


def test_who_stands_outside_reads_why():
    found = told(BY_POINTS, 10, {"points": None, "exclusion": "conduct_veto"}, {"points": 1})
    assert found[1].figures == {"reason": "conduct_veto"}
    assert found[1].sentence.zh == "不参与分配：师德一票否决；总额不减。"
    assert found[-1].result_fen == 0


def test_a_tie_is_told():
    found = told(BY_POINTS, 3_334, *[{"points": 1}] * 4)
    assert found[-2].sentence.zh == "按最大余额法进一分（余额相同，按人员代号先后）：8.34 元。"


def test_nobody_of_that_key():
    made = allocated(BY_POINTS, 10, {"points": 1})
    with pytest.raises(LookupError):
        steps(BY_POINTS, people({"points": 1}), made, pool="A", staff_key="nobody")
