"""What the law says of plans that share performance pay."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.policy.performance_pay import (
    PayItem,
    PayProposal,
    congress_objection,
    default_posting,
    pay_plan_objections,
)
from shared.policy.schemes import refused_source, rule_of_schemes

DAY = dt.date(2026, 11, 25)
SOUND = PayProposal(
    as_of=DAY,
    pool_kind="incentive",
    name="奖励性绩效工资分配办法",
    items=(
        PayItem("class_teacher", ("班主任费", "生·月"), None, purpose="class_teacher"),
        PayItem("invigilation", ("高考监考补贴",), None),
        PayItem("workload", ("工作量",), Decimal("0.3")),
        PayItem("assessment", ("年度考核", "年度考核得分"), Decimal("0.7"), "roll_up", "total"),
    ),
    outside=frozenset({"principal"}),
)


def codes(proposal: PayProposal) -> list[str]:
    return [each.code for each in pay_plan_objections(proposal)]


def with_item(item: PayItem) -> PayProposal:
    return replace(SOUND, items=(*SOUND.items, item))


def test_a_sound_plan_has_no_objection() -> None:
    assert codes(SOUND) == []


@pytest.mark.parametrize(
    "name",
    [
        "中考成绩奖",
        "高考奖励",
        "中 考 突 出 贡 献 奖",
        "升学奖",
        "高考升学率",
        "本科上线人数奖",
        "毕业班成绩奖",
        "毕业年级目标奖",
        "gaokao bonus",
        "entrance exam results",
    ],
)
def test_no_item_pays_for_entrance_exams(name: str) -> None:
    (found,) = pay_plan_objections(with_item(PayItem("prize", (name,), None)))
    assert found.code == "pay_law.entrance_exams"
    assert found.is_refusal
    assert found.item == "prize"
    assert found.rule.in_force_from <= DAY


@pytest.mark.parametrize("name", ["中考考务补贴", "高考送考津贴", "毕业班课时费", "升国旗指导津贴", "不以升学率计奖"])
def test_work_at_exams_is_paid(name: str) -> None:
    assert codes(with_item(PayItem("work", (name,), None))) == []


def test_what_a_tier_or_its_points_are_called_counts_too() -> None:
    named = PayItem("prize", ("突出贡献", "中考均分"), Decimal("0.1"))
    assert codes(with_item(named)) == ["pay_law.entrance_exams"]


def test_a_source_that_holds_admissions_is_refused_whatever_the_item_is_called() -> None:
    hidden = PayItem("prize", ("突出贡献",), None, "records", "admission_rate")
    assert codes(with_item(hidden)) == ["pay_law.entrance_source"]
    assert rule_of_schemes(refused_source("records", "admission_rate", of="staff") or "").id == "H4"
    assert refused_source("records", "home_visits", of="staff") is None


def test_ordinary_results_weigh_a_share_at_the_most() -> None:
    def weighing(share: str) -> PayProposal:
        rest = PayItem("assessment", ("年度考核",), Decimal(1) - Decimal(share))
        parts = [PayItem("results", ("教学成绩",), Decimal(share))]
        return replace(SOUND, items=parts + ([rest] if rest.share else []))

    assert codes(weighing("0.40")) == []
    assert codes(weighing("0.41")) == ["pay_law.exam_share"]
    assert codes(weighing("1")) == ["pay_law.all_exam"]


def test_ordinary_results_have_no_fixed_rate() -> None:
    assert codes(with_item(PayItem("marks", ("期末成绩第一名",), None))) == ["pay_law.exam_rate"]
    assert codes(with_item(PayItem("said", ("教学奖",), None, is_exam_derived=True))) == ["pay_law.exam_rate"]


def test_value_added_is_not_a_result() -> None:
    part = PayItem("value", ("学业成绩增值",), Decimal("0.9"), "monitoring", "value_added.subject")
    assert codes(replace(SOUND, items=[part, PayItem("rest", ("考勤",), Decimal("0.1"))])) == []


def test_the_principal_stands_outside_plans_of_incentive_pay() -> None:
    assert codes(replace(SOUND, outside=frozenset())) == ["pay_law.principal_inside"]
    kept = [SOUND.items[0]]
    assert codes(replace(SOUND, outside=frozenset(), pool_kind="class_teacher", items=kept)) == []


def test_class_teachers_and_after_school_service_are_paid_apart() -> None:
    mixed = PayItem("mixed", ("班主任津贴",), Decimal("0.1"))
    assert codes(with_item(mixed)) == ["pay_law.class_teacher_apart"]
    assert codes(with_item(PayItem("late", ("课后服务补助",), None))) == ["pay_law.after_school_apart"]
    late = replace(SOUND, pool_kind="after_school", items=[PayItem("late", ("课后服务补助",), None)])
    assert codes(late) == []


def test_equal_shares_and_weighty_titles_are_told_and_may_be() -> None:
    equal = replace(SOUND, items=[PayItem("all", ("平均",), Decimal(1), is_equal=True)])
    titles = with_item(PayItem("titles", ("职称",), Decimal("0.1"), title_spread=Decimal("2.5")))
    assert [(each.code, each.is_refusal) for each in pay_plan_objections(equal)] == [("pay_law.egalitarian", False)]
    assert [(each.code, each.is_refusal) for each in pay_plan_objections(titles)] == [("pay_law.title_spread", False)]


def test_a_rule_counts_from_its_day_on() -> None:
    old = replace(with_item(PayItem("prize", ("高考奖励",), None)), as_of=dt.date(2020, 10, 12))
    assert codes(old) == []


@pytest.mark.parametrize(
    ("present", "in_favor", "code"),
    [
        (60, 45, None),
        (90, 90, None),
        (59, 59, "pay_law.no_quorum"),
        (60, 44, "pay_law.not_passed"),
        (91, 50, "pay_law.vote_impossible"),
        (60, 61, "pay_law.vote_impossible"),
    ],
)
def test_a_congress_passes_with_a_quorum_and_half_of_all(present: int, in_favor: int, code: str | None) -> None:
    found = congress_objection(entitled=90, present=present, in_favor=in_favor)
    assert (found and found.code) == code


def test_what_is_posted_when_a_plan_says_nothing() -> None:
    assert default_posting() == {"formula": "school", "amounts": "own"}
