"""What differs between two schemes (docs/schemes.md)."""

import datetime as dt

from shared.scoring.scheme.diff import ChangeKind, scheme_changes
from tests.scoring.scheme_texts import SMALL, document, spoiled

FIRST, LATER = dt.date(2026, 9, 1), dt.date(2027, 9, 1)


def changes(*changes: tuple[str, str]) -> list[str]:
    before, after = document().as_of(FIRST), document(spoiled(*changes)).as_of(FIRST)
    return [change.sentence.zh for change in scheme_changes(before, after)]


def test_nothing_differs_from_itself() -> None:
    assert changes() == []


def test_two_days_of_one_scheme() -> None:
    found = scheme_changes(document().as_of(FIRST), document().as_of(LATER))
    assert [(change.kind, change.node) for change in found] == [
        (ChangeKind.WEIGHT, "A1"),
        (ChangeKind.WEIGHT, "B1"),
        (ChangeKind.WEIGHT, "A2"),
        (ChangeKind.WEIGHT, "B2"),
        (ChangeKind.RULE, "B2"),
    ]
    assert found[0].sentence.zh == "A1 办学方向：权重由 60（占总分 60%） 改为 40（占总分 40%）"
    assert found[1].sentence.en == "B1 Moral education: weight from 1 (60% of the total) to 1 (40% of the total)"
    assert found[4].sentence.zh == (
        "B2 生均图书：计分规则由 linear（10 为零分，30 为满分，其间按比例） 改为 linear（10 为零分，40 为满分，其间按比例）"
    )


def test_added_removed_and_moved() -> None:
    assert changes(("code: B2", "code: B3")) == [
        "删去 B2 生均图书（1（占总分 40%））",
        "新增 B3 生均图书（1（占总分 40%））",
    ]
    veto = SMALL[SMALL.index("      - code: V1") : SMALL.index("  - code: A2")]
    moved = (spoiled((veto, "")) + veto).rstrip() + "\n"
    found = scheme_changes(document().as_of(FIRST), document(moved).as_of(FIRST))
    assert [change.sentence.en for change in found] == ["V1 Grave accident: moved from A1 to A2"]


def test_everything_else_about_a_leaf() -> None:
    found = changes(
        ("zh: 德育工作", "zh: 德育工作实施"),
        ("source: inspection", "source: self_assessment"),
        ("[school, county]", "[school, city]"),
        ("[documents, on_site]", "[interview]"),
        ("evaluation_kind: process", "evaluation_kind: comprehensive\n        missing: block\n        asks: 3"),
        (
            "key: books_per_student}",
            "key: books_per_student}\n        applies_to: {stage: [primary]}\n        exam_derived: true",
        ),
    )
    assert found == [
        "B1 德育工作实施：名称由 德育工作 改为 德育工作实施",
        "B1 德育工作实施：数据来源由 inspection: B1 改为 self_assessment: B1",
        "B1 德育工作实施：评价主体由 school, county 改为 school, city",
        "B1 德育工作实施：评价方式由 documents, on_site 改为 interview",
        "B1 德育工作实施：评价类型由 process 改为 comprehensive",
        "B1 德育工作实施：缺数据时由 reweight 改为 block",
        "B1 德育工作实施：填报项数由 1 改为 3",
        "B2 生均图书：适用范围由 — 改为 stage primary",
        "B2 生均图书：来自考试由 false 改为 true",
    ]


def test_the_scheme_itself() -> None:
    found = changes(
        ("zh: 小方案", "zh: 大方案"),
        ("at_least: 60", "at_least: 65"),
        ("group_by: [stage]", "group_by: [stage, size]\nshows_total: false\napplies_to: {stage: [primary]}"),
    )
    assert found == [
        "大方案：名称由 小方案 改为 大方案",
        "大方案：等级由 A ≥ 90, C ≥ 60, D ≥ 0 改为 A ≥ 90, C ≥ 65, D ≥ 0",
        "大方案：分组由 stage 改为 stage, size",
        "大方案：适用范围由 — 改为 stage primary",
        "大方案：呈现总分由 true 改为 false",
    ]
