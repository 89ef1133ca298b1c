"""What the law refuses in a scheme, and what only sounds like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from shared.policy.exam_kinds import exam_kinds
from shared.policy.schemes import attainment_objection, scheme_objections
from shared.scoring.scheme.items import SchemeItem, SchemeItems
from shared.terms.problem_catalogue import catalogue


def item(code: str, zh: str = "德育工作", en: str = "Moral education", **changes: Any) -> SchemeItem:
    plain: dict[str, Any] = {
        "is_leaf": True,
        "share": 0.1,
        "source_kind": "inspection",
        "source_key": code,
        "rule_kind": "levels",
    }
    return SchemeItem(code=code, name={"zh": zh, "en": en}, **plain | changes)


def proposal(*items: SchemeItem, shares: Mapping[str, float] | None = None, **changes: Any) -> SchemeItems:
    plain: dict[str, Any] = {
        "of": "school",
        "as_of": dt.date(2026, 9, 1),
        "name": {"zh": "方案", "en": "Scheme"},
        "shows_total": True,
        "items": items,
        "leaf_shares": (shares or {each.code: each.share for each in items},),
    }
    return SchemeItems(**plain | changes)


def objections(*items: SchemeItem, **changes: Any) -> list[tuple[str, str | None, str]]:
    found = scheme_objections(proposal(*items, **changes))
    return [(one.code.removeprefix("scheme_law."), one.node, one.rule.id) for one in found]


@pytest.mark.parametrize(
    "key",
    [
        "cut_line_rates.online_rate",
        "undergraduate_rate",
        "admission_rate",
        "effective_marks",
        "line_exposure",
        "college_entrance_results.mean",
    ],
)
def test_sources_of_entrance_are_refused(key: str) -> None:
    assert objections(item("B1", source_kind="monitoring", source_key=key)) == [("entrance_source", "B1", "H4")]


@pytest.mark.parametrize(
    "key", ["gaokao_mean", "shengxuelv", "university_admission_count", "promotion_rate", "zhong_kao"]
)
def test_nor_can_they_be_entered_by_hand_or_come_from_statistics(key: str) -> None:
    for kind in ("statistics", "self_assessment", "records"):
        assert objections(item("B1", source_kind=kind, source_key=key)) == [("entrance_source", "B1", "H4")]


def test_other_figures_of_statistics_pass() -> None:
    keys = (
        "books_per_student",
        "online_classrooms",
        "retention_rate",
        "enrollment_rate",
        "graduation_rate",
        "admissions_office",
    )
    for key in keys:
        assert objections(item("B1", source_kind="statistics", source_key=key)) == []


def test_value_added_may_judge_schools_but_not_reward_people_by_entrance_exams() -> None:
    gain = item(
        "B1", source_kind="monitoring", source_key="value_added.senior_secondary_entrance", is_exam_derived=True
    )
    assert objections(gain) == []
    assert objections(gain, of="staff") == [("entrance_reward", "B1", "H4")]


def test_marks_of_entrance_exams_are_never_a_value_whatever_the_leaf_is_called() -> None:
    refused = {kind for kind in exam_kinds() if attainment_objection(kind) is not None}
    assert refused == {"senior_secondary_entrance", "college_entrance_results"}
    assert {attainment_objection(kind).id for kind in refused} == {"H9"}  # type: ignore[union-attr]


def test_branches_and_the_scheme_itself_are_looked_at_too() -> None:
    branch = item("A1", zh="升学率", is_leaf=False, source_kind=None, source_key=None, rule_kind=None)
    assert objections(branch) == [("entrance_rate", "A1", "H4")]
    assert objections(name={"zh": "高考成绩考核方案", "en": "Plan"}) == [("entrance_exam_result", None, "H9")]


def test_one_refusal_per_rule_although_both_languages_say_it() -> None:
    assert objections(item("B1", zh="升学率", en="Admission rate")) == [("entrance_rate", "B1", "H4")]
    assert objections(item("B1", zh="综合", en="Admission rate")) == [("entrance_rate", "B1", "H4")]


def test_the_city_may_observe_but_nobody_else() -> None:
    observed = item(
        "B1",
        zh="本科综合上线率",
        en="Undergraduate rate",
        source_kind="monitoring",
        source_key="undergraduate_rate",
        share=0.0,
        is_observed_only=True,
    )
    assert objections(observed, of="city") == []
    for of in ("county", "school", "staff", "student"):
        found = objections(observed, of=of, shows_total=of != "student")
        assert found == [("observed_below_city", "B1", "H4")]


def test_a_scored_rate_is_refused_at_city_level_too() -> None:
    assert objections(item("B1", zh="本科上线率"), of="city") == [("entrance_rate", "B1", "H4")]


def test_a_total_of_exam_results_alone_is_refused() -> None:
    only = item("B1", is_exam_derived=True, share=1.0)
    assert objections(only) == [("all_exam", None, "H7")]


def test_what_comes_from_exams_is_capped_whether_it_is_marked_or_not() -> None:
    half = item("B1", source_kind="monitoring", source_key="attainment.mean", share=0.41)
    assert objections(half, item("B2", share=0.59)) == [("share_too_large", None, "H8")]
    assert objections(item("B1", is_exam_derived=True, share=0.4), item("B2", share=0.6)) == []
    questionnaire = item("B1", source_kind="monitoring", source_key="questionnaire.sleep", share=0.9)
    assert objections(questionnaire, item("B2", share=0.1)) == []


def test_the_cap_holds_for_every_kind_of_units() -> None:
    items = (item("B1", is_exam_derived=True), item("B2"))
    shares = ({"B1": 0.2, "B2": 0.8}, {"B1": 1.0})
    assert objections(*items, leaf_shares=shares) == [("all_exam", None, "H7")]


@pytest.mark.parametrize("name", ["论文发表", "著作与论文", "人才称号", "特级教师、学科带头人", "教师学历"])
def test_papers_titles_and_diplomas_are_capped(name: str) -> None:
    assert objections(item("B1", zh=name, share=0.11), item("B2", share=0.89), of="staff")[0][0] == "share_too_large"
    assert objections(item("B1", zh=name, share=0.1), item("B2", share=0.9), of="staff") == []


@pytest.mark.parametrize("name", ["破除唯论文倾向", "名师工作室", "学位供给保障", "克服唯帽子", "教师发表意见渠道"])
def test_what_only_sounds_like_them_is_not(name: str) -> None:
    assert objections(item("B1", zh=name, share=0.9), item("B2", share=0.1), of="staff") == []


def test_qualified_staff_is_a_resource_of_a_school() -> None:
    assert objections(item("B1", zh="高于规定学历教师数", share=0.5), item("B2", share=0.5)) == []


def test_pupils_get_grades_and_no_ranks() -> None:
    ranked = item("B1", rule_kind="rank_in_group")
    assert objections(ranked, of="student") == [("total_towards_pupils", None, "H2"), ("pupils_ranked", "B1", "H2")]
    assert objections(item("B1"), of="student", shows_total=False) == []
    assert objections(ranked) == []


def test_rules_that_are_not_in_force_yet_refuse_nothing() -> None:
    assert objections(item("B1", zh="升学率"), as_of=dt.date(2020, 10, 12)) == []
    assert objections(item("B1", zh="升学率"), as_of=dt.date(2020, 10, 13)) == [("entrance_rate", "B1", "H4")]


def test_every_refusal_cites_its_rule_in_both_languages_and_knows_no_exception() -> None:
    found = scheme_objections(
        proposal(
            item("B1", zh="升学率"),
            item("B2", zh="状元"),
            item("B3", zh="中考成绩"),
            item("B4", zh="完成高考任务"),
            item("B5", zh="重点班"),
            item("B6", source_kind="monitoring", source_key="admission_rate", share=0.6),
            item("B7", rule_kind="rank_in_group", is_observed_only=True),
            of="student",
        )
    )
    codes = {one.code for one in found}
    assert len(codes) == 10
    for one in found:
        problem = catalogue()[one.code]
        for language in ("zh", "en"):
            words = problem.sentence(language, {"node": one.node, **one.params})
            assert one.rule.id in words
            assert "?" not in words
        assert "不设例外" in problem.detail["zh"]
