"""The law of conduct as a table: the rules, what each handling does to grade and pay and for how long."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.policy.annual_assessment import AnnualGrade
from shared.policy.conduct import (
    CLEAR,
    Effect,
    HandlingKind,
    Imposed,
    PayEffect,
    conduct_rules,
    effect_of,
    erased_on,
    forfeited_months,
    handling_objections,
    handlings,
    may_suspend,
    most_severe,
    severity_of,
    standing_on,
    standing_over,
)

DAY = dt.date
YEAR = (DAY(2026, 9, 1), DAY(2027, 8, 31))
NEXT = (DAY(2027, 9, 1), DAY(2028, 8, 31))
AFTER = (DAY(2028, 9, 1), DAY(2029, 8, 31))
IN_EFFECT = DAY(2026, 11, 25)
NAMES = (
    "坚定政治方向", "自觉爱国守法", "传播优秀文化", "潜心教书育人", "关心爱护学生",
    "加强安全防范", "坚持言行雅正", "秉持公平诚信", "坚守廉洁自律", "规范从教行为",
)  # fmt: skip


def imposed(handling: str, months: int | None = None) -> Imposed:
    least = handlings()[handling].least_months
    return Imposed(handling, least if months is None else months)


def effect(handling: str, months: int | None = None, on: dt.date = IN_EFFECT) -> Effect:
    return effect_of(imposed(handling, months), decided_on=on - dt.timedelta(days=40), effective_on=on)


def test_the_rules_are_those_of_schools_not_of_universities() -> None:
    rules = conduct_rules().values()
    assert [rule.number for rule in rules] == list(range(1, 11))
    assert tuple(rule.name["zh"] for rule in rules) == NAMES
    assert all(rule.source.document and rule.source.in_force_from <= IN_EFFECT for rule in rules)


@pytest.mark.parametrize(
    ("handling", "last_on", "this_year", "next_year", "pay"),
    [
        ("criticism", IN_EFFECT, None, None, "none"),
        ("admonition", IN_EFFECT, "qualified", None, "none"),
        ("circulated_criticism", IN_EFFECT, "qualified", None, "none"),
        ("warning", DAY(2027, 5, 24), "unqualified", None, "deferred"),
        ("demerit", DAY(2027, 11, 24), "unqualified", "basically_qualified", "forfeited"),
        ("disqualification", DAY(2028, 11, 24), "unqualified", "qualified", "forfeited"),
        ("demotion_or_removal", DAY(2028, 11, 24), "unqualified", "unqualified", "forfeited"),
        ("dismissal", None, "unqualified", "unqualified", "forfeited"),
    ],
)
def test_what_each_handling_brings(
    handling: str, last_on: dt.date | None, this_year: str | None, next_year: str | None, pay: str
) -> None:
    found = effect(handling)
    assert (found.first_on, found.last_on) == (IN_EFFECT, last_on)
    assert standing_over([found], *YEAR).grade_cap == this_year
    assert standing_over([found], *NEXT).grade_cap == next_year
    assert standing_over([found], *YEAR).pay == pay


def test_what_comes_after_the_period_is_free_of_it() -> None:
    assert standing_over([effect("demotion_or_removal")], DAY(2028, 11, 25), DAY(2029, 8, 31)) == CLEAR
    assert standing_over([effect("dismissal")], *AFTER).until is None
    before = standing_over([effect("demerit")], DAY(2025, 9, 1), DAY(2026, 8, 31))
    assert before == CLEAR


def test_it_ends_with_the_day() -> None:
    found = [effect("warning")]
    assert standing_on(found, IN_EFFECT - dt.timedelta(days=1)) == CLEAR
    assert standing_on(found, IN_EFFECT).handling == "warning"
    assert standing_on(found, DAY(2027, 5, 24)).grade_cap == "qualified"
    assert standing_on(found, DAY(2027, 5, 25)) == CLEAR
    assert standing_on([found[0].until(DAY(2027, 1, 31))], DAY(2027, 2, 1)) == CLEAR


def test_what_is_ended_before_its_first_day_never_held() -> None:
    ended = effect("demerit").until(IN_EFFECT - dt.timedelta(days=1))
    assert standing_over([ended], *YEAR) == CLEAR


def test_pay_may_be_free_before_the_rest_is() -> None:
    found = [effect("disqualification", 36)]
    assert found[0].last_on == DAY(2029, 11, 24)
    assert found[0].pay_last_on == DAY(2027, 11, 24)
    assert standing_over(found, *AFTER).pay is PayEffect.NONE
    assert standing_over(found, *AFTER).grade_cap is AnnualGrade.QUALIFIED


def test_as_many_months_are_forfeited_as_were_imposed_and_none_before() -> None:
    months = [f"{year}-{month:02d}" for year in (2026, 2027, 2028) for month in range(1, 13)]
    found = sorted(forfeited_months([effect("demerit")], months))
    assert (found[0], found[-1], len(found)) == ("2026-12", "2027-11", 12)
    assert len(forfeited_months([effect("disqualification", 36)], months)) == 12
    assert forfeited_months([effect("warning"), effect("criticism")], months) == frozenset()
    assert len(forfeited_months([effect("dismissal", on=DAY(2026, 12, 1))], months)) == 25


def test_of_several_the_strictest_of_each_counts() -> None:
    both = [effect("warning"), effect("disqualification")]
    found = standing_over(both, *NEXT)
    assert (found.handling, found.grade_cap, found.until) == ("disqualification", "qualified", DAY(2028, 11, 24))
    assert standing_on(both, IN_EFFECT).pay is PayEffect.FORFEITED
    assert most_severe(["warning", "dismissal", "criticism"]) == "dismissal"
    assert most_severe([]) is None


@pytest.mark.parametrize(
    ("effective_on", "last_on"),
    [(DAY(2026, 8, 31), DAY(2027, 2, 28)), (DAY(2027, 8, 31), DAY(2028, 2, 29)), (DAY(2026, 1, 1), DAY(2026, 6, 30))],
)
def test_months_end_where_the_month_has_no_such_day(effective_on: dt.date, last_on: dt.date) -> None:
    assert effect("warning", on=effective_on).last_on == last_on


@pytest.mark.parametrize(
    ("handling", "months", "level", "code"),
    [
        ("warning", None, "county", None),
        ("warning", 6, "city", None),
        ("warning", 12, "county", "conduct.months_unlawful"),
        ("warning", None, "school", "conduct.other_level_decides"),
        ("demerit", None, "school", "conduct.other_level_decides"),
        ("dismissal", 24, "county", "conduct.months_unlawful"),
        ("disqualification", 24, "school", None),
        ("disqualification", 36, "school", None),
        ("disqualification", 23, "county", "conduct.months_unlawful"),
        ("disqualification", None, "county", "conduct.months_unlawful"),
        ("criticism", None, "school", None),
        ("criticism", 3, "school", "conduct.months_unlawful"),
    ],
)
def test_what_may_be_imposed_by_whom(handling: str, months: int | None, level: str, code: str | None) -> None:
    found = handling_objections([Imposed(handling, months)], level)
    assert [each.code for each in found] == ([code] if code else [])


def test_one_sanction_at_a_time_and_nothing_twice() -> None:
    two = handling_objections([Imposed("warning"), Imposed("demerit")], "county")
    assert [each.code for each in two] == ["conduct.two_sanctions"]
    twice = handling_objections([Imposed("criticism"), Imposed("criticism")], "county")
    assert [each.code for each in twice] == ["conduct.handling_twice"]
    assert not handling_objections([Imposed("demerit"), Imposed("disqualification", 24)], "county")


def test_sanctions_are_decided_above_the_school() -> None:
    for handling in handlings().values():
        assert (handling.kind is HandlingKind.SANCTION) == ("school" not in handling.decided_by), handling.code
        assert handling.source.document
        assert handling.effect_source.document


@pytest.mark.parametrize(
    ("rules", "may"), [(["care"], True), (["devotion", "decency"], True), (["integrity"], False), ([], False)]
)
def test_duties_are_suspended_only_where_pupils_may_be_in_danger(rules: list[str], may: bool) -> None:
    assert may_suspend(rules, "school") is may


def test_details_of_what_was_not_confirmed_go_sooner() -> None:
    assert erased_on(IN_EFFECT, is_confirmed=False) == DAY(2027, 11, 25)
    assert erased_on(IN_EFFECT, is_confirmed=True) == DAY(2031, 11, 25)


def test_a_period_runs_forward() -> None:
    with pytest.raises(ValueError, match="no period"):
        standing_over([], DAY(2027, 1, 1), DAY(2026, 1, 1))


@given(
    chosen=st.lists(st.sampled_from(sorted(handlings())), min_size=1, max_size=5),
    days=st.lists(st.integers(0, 1500), min_size=5, max_size=5),
    at=st.integers(-100, 3000),
)
def test_more_decisions_never_make_anybody_s_standing_better(chosen: list[str], days: list[int], at: int) -> None:
    effects = [effect(code, on=IN_EFFECT + dt.timedelta(days=day)) for code, day in zip(chosen, days, strict=False)]
    day = IN_EFFECT + dt.timedelta(days=at)
    period = (day, day + dt.timedelta(days=364))
    whole, part = standing_over(effects, *period), standing_over(effects[:-1], *period)
    assert severity_of(whole) >= severity_of(part)
    assert list(PayEffect).index(whole.pay) >= list(PayEffect).index(part.pay)
    assert standing_over(list(reversed(effects)), *period) == whole
    assert severity_of(standing_on(effects, day)) <= severity_of(whole)
