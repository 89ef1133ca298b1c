"""What the law refuses in a scheme, and what only sounds like it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from shared.policy.exam_kinds import exam_kinds
from shared.policy.schemes import attainment_objection, refused_words, scheme_objections
from shared.scoring.scheme.items import SchemeItem, SchemeItems
from shared.terms.problem_catalogue import catalogue

REFUSED_ZH = [
    "升学率",
    "高考升学率",
    "本科上线率",
    "本科综合上线率提高幅度",
    "一本上线人数",
    "一本率",
    "重点率",
    "重本录取人数",
    "二本上线率",
    "普高录取率",
    "普通高中录取比例",
    "状元",
    "高考状元人数",
    "中考前100名人数",
    "高考前十名",
    "中考平均分",
    "中考成绩",
    "高考成绩排名",
    "中高考成绩",
    "中考优秀率",
    "高考总分",
    "高考语文均分",
    "清华北大录取人数",
    "清北人数",
    "985高校录取人数",
    "双一流录取率",
    "名校录取",
    "考取重点高中人数",
    "考入一本院校比例",
    "升学指标完成情况",
    "初中学业水平考试成绩",
    "初中学业水平考试优秀率",
    "学业水平等级性考试成绩",
    "高考本科上线情况",
    "高考600分以上人数",
    "中考A等率",
    "清北苗子培养",
    "清华班",
    "重点高中录取",
    "重点大学升学",
    "特控线上线情况",
    "完成升学任务",
    "高考目标达成",
    "升学目标责任书",
    "中考任务完成",
    "升学贡献",
    "升学奖",
    "升 学 率",
    "升·学·率",
    "升\u200b学率",
    "升學率",
    "高考狀元",
    "上線率",
    "不断提高升学率",
    "不低于全市升学率",
    "防止升学率下降",
    "避免升学率落后",
    "确保不低于升学目标",
    "不以升学率为唯一指标，以上线率为主",
    "克服唯分数倾向；一本率增长",
    "升学率不低于90%",
    "不公布排名但考核升学率",
    "举办重点班",
    "重点校建设",
    "重点学校创建",
    "火箭班教学质量",
    "尖子班培养",
    "快慢班设置",
    "按成绩分班",
    "按考试成绩编班",
]

ALLOWED_ZH = [
    "不炒作升学率",
    "不炒作中高考状元、升学率",
    "舆论导向、不炒作中高考状元升学率",
    "不宣传、不炒作中考高考成绩",
    "不公布中高考成绩和升学率",
    "不下达升学指标",
    "正确政绩观、不下达升学指标、不办重点校",
    "不给学校下达升学指标",
    "不以升学率评价教师",
    "不单纯以升学率评价学校",
    "不以中考、高考成绩奖励教师",
    "未炒作高考状元",
    "未发现炒作升学率",
    "无炒作中考状元行为",
    "严禁公布高考成绩排名",
    "严禁以升学率考核教师",
    "禁止下达升学指标",
    "杜绝炒作状元",
    "克服唯升学倾向",
    "育人实绩考核、克服唯升学",
    "破除唯分数、唯升学",
    "纠正片面追求升学率",
    "扭转片面追求升学率倾向",
    "抵制升学率排名",
    "淡化升学率",
    "升学率炒作问题整治",
    "高考成绩宣传行为查处",
    "是否炒作升学率",
    "有无下达升学指标",
    "不举办重点学校",
    "不设重点班",
    "不分重点班、快慢班",
    "不按成绩分班",
    "均衡编班",
    "免试就近入学、均衡编班",
    "残疾儿童少年入学率",
    "高中阶段毛入学率",
    "九年义务教育巩固率",
    "初中三年巩固率",
    "控辍保学",
    "按计划招生、不掐尖",
    "招生与学籍收费规范",
    "优质高中招生指标分配到校",
    "中考指标到校政策落实",
    "毕业生跟踪与升学指导",
    "生涯规划与升学辅导",
    "选课走班运行机制",
    "新高考综合改革落实",
    "中考体育与健康过程性评价",
    "高考报名与考务管理",
    "普通高中学业水平合格性考试合格率",
    "期末考试成绩",
    "无升学率排名",
    "校园不张贴状元喜报",
    "状元榜不张贴",
    "不得将升学率与绩效工资挂钩",
    "不向年级、班级、教师下达升学指标",
    "坚决克服唯分数、唯升学的顽瘴痼疾",
    "高考改革政策知晓率",
    "中考体育参与率",
    "高考志愿填报平台上线运行",
    "初中毕业生去向跟踪",
    "普职协调发展",
    "高中阶段招生录取程序规范",
    "综合素质评价在招生录取中的使用",
    "北大荒精神教育",
    "中考成绩增值",
    "高考改革宣传",
    "学业水平合格",
    "进步与增值",
    "学业质量监测参与率",
    "平台资源上线率",
    "教学系统上线率",
    "教师本科率",
    "本科及以上学历教师比例",
    "人手一本率",
    "重点工作落实",
    "重点校园安全隐患整改",
    "重点校外培训治理",
    "重点班子建设",
    "劳动状元评选",
    "图书借阅率",
    "满意率",
    "体质健康优良率",
    "合格率",
    "优秀率",
]

REFUSED_EN = [
    "Admission rate",
    "College admission rate",
    "University entrance rate",
    "Undergraduate rate",
    "Cut-line rate",
    "Pupils above the line",
    "Promotion rate",
    "Progression rate to senior secondary",
    "Top scorers",
    "Gaokao scores",
    "Zhongkao results",
    "College entrance exam scores",
    "Senior-secondary entrance examination marks",
    "Entrance exam pass rates",
    "Admitted to key senior secondary schools",
    "Admitted to 985 universities",
    "Places at Tsinghua",
    "Gaokao targets",
    "Key classes",
    "Streaming by marks",
    "Prevent a fall in the admission rate",
    "Raising the entrance rate without cramming",
]

ALLOWED_EN = [
    "No publicity for entrance rates or top scorers",
    "Does not publish entrance exam scores",
    "Never ranks by gaokao scores",
    "Avoids judging by admission rates",
    "No key classes, balanced placement",
    "No entrance targets handed down",
    "Unlawful handing down of entrance targets",
    "Enrollment rate of children with disabilities",
    "Admission by the approved plan",
    "Retention rate over three years",
    "Health promotion rate",
    "Teachers with an undergraduate degree",
    "Key tasks",
    "Online platform use",
    "Graduates' career guidance",
    "Balanced class placement",
    "Quality monitoring results",
]


@pytest.mark.parametrize("name", REFUSED_ZH)
def test_names_that_score_entrance_are_refused(name: str) -> None:
    assert refused_words(name, "zh")


@pytest.mark.parametrize("name", ALLOWED_ZH)
def test_names_that_only_sound_like_it_pass(name: str) -> None:
    assert refused_words(name, "zh") == ()


@pytest.mark.parametrize("name", REFUSED_EN)
def test_so_are_english_names(name: str) -> None:
    assert refused_words(name, "en")


@pytest.mark.parametrize("name", ALLOWED_EN)
def test_so_do_english_names(name: str) -> None:
    assert refused_words(name, "en") == ()


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
