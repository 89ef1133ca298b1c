"""What is wrong with a paper, and what an answer is worth."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.papers.rules import (
    answers,
    chosen_items,
    findings,
    is_answer,
    item_plan,
    marked_items,
    units_by_position,
    with_key,
)
from tests.services.monitoring.papers.builders import SUBJECT, paper_content


def found(content: dict[str, Any]) -> set[tuple[int | None, str | None, str]]:
    return {(finding.position, finding.about, finding.code) for finding in findings(content, SUBJECT)}


def changed(position: int, **fields: Any) -> dict[str, Any]:
    content = paper_content()
    content["items"][position] |= fields
    return content


def test_a_sound_paper_has_no_findings_and_means_a_plan() -> None:
    content = paper_content()
    assert found(content) == set()
    plan = item_plan("maths", content, min_n=10)
    assert (plan.codes, plan.min_n, str(plan.total.step)) == (("1", "2", "3", "4"), 10, "0.5")
    assert plan.items[2].options[:6] == ("A", "B", "C", "D", "AB", "AC")
    assert [aspect.code for aspect in plan.aspects if aspect.kind == "knowledge_point"] == ["函数", "几何", "统计"]


@pytest.mark.parametrize(
    ("position", "fields", "about", "code"),
    [
        (1, {"code": "1"}, "code", "paper.item_twice"),
        (1, {"code": "class_code"}, "code", "paper.item_reserved"),
        (1, {"code": "1_option"}, "code", "paper.item_reserved"),
        (1, {"code": "a__b"}, "code", "paper.item_reserved"),
        (0, {"key": "E"}, "key", "paper.key_unknown"),
        (0, {"key": None}, "key", "paper.key_missing"),
        (0, {"key": "AB"}, "key", "paper.key_unknown"),
        (2, {"key": "CA"}, "key", "paper.key_unknown"),
        (2, {"key": "AE"}, "key", "paper.key_unknown"),
        (0, {"options": ["A"], "key": "A"}, "options", "paper.options_missing"),
        (0, {"options": ["A", "B", "B"]}, "options", "paper.named_twice"),
        (0, {"options": ["a", "B"]}, "options", "paper.option_unreadable"),
        (2, {"options": ["AA", "C", "A"]}, "options", "paper.option_unreadable"),
        (2, {"options": list("ABCDEFGH")}, "options", "paper.too_many_options"),
        (3, {"options": ["A", "B"], "key": "A"}, "options", "paper.options_not_taken"),
        (0, {"step": "2"}, "full_mark", "paper.off_grid"),
        (3, {"step": "0.2"}, "step", "paper.step_too_fine"),
        (0, {"step": "0"}, "step", "paper.mark_not_positive"),
        (2, {"partial_credit": "flat"}, "partial_mark", "paper.partial_mark_missing"),
        (2, {"partial_credit": "flat", "partial_mark": "6"}, "partial_credit", "paper.partial_off_grid"),
        (2, {"key": "ABCD"}, "partial_credit", "paper.partial_off_grid"),
        (0, {"knowledge_points": ["函数", "函数"]}, "knowledge_points", "paper.named_twice"),
    ],
)
def test_each_finding_names_item_and_field(position: int, fields: dict[str, Any], about: str, code: str) -> None:
    assert (position, about, code) in found(changed(position, **fields))


def test_full_marks_add_up_to_the_subjects() -> None:
    assert found(changed(3, full_mark="7")) == {(None, None, "paper.sum_differs")}


def test_choice_items_may_go_without_options_unless_their_marks_follow_from_them() -> None:
    content = changed(0, options=[], key=None)
    assert found(content) == set()
    assert found(content | {"marks_from_options": True}) == {(0, "key", "paper.key_missing")}


def test_which_items_are_chosen_and_which_are_marked() -> None:
    content = paper_content()
    assert [item["code"] for item in chosen_items(content)] == ["1", "2", "3"]
    assert [item["code"] for item in marked_items(content)] == ["1", "2", "3", "4"]
    assert [item["code"] for item in marked_items(content | {"marks_from_options": True})] == ["4"]


@pytest.mark.parametrize(
    ("credit", "mark", "worth"),
    [
        ("none", None, {"AC": 6}),
        ("flat", "2", {"A": 2, "C": 2, "AC": 6}),
        ("proportional", None, {"A": 3, "C": 3, "AC": 6}),
    ],
)
def test_what_an_answer_to_several_letters_is_worth(credit: str, mark: str | None, worth: dict[str, int]) -> None:
    item = changed(2, partial_credit=credit, partial_mark=mark)["items"][2]
    names = answers(item)
    assert {names[position]: units for position, units in units_by_position(item).items()} == worth


@given(st.sets(st.sampled_from("ABCDEF"), min_size=1), st.sets(st.sampled_from("ABCDEF"), min_size=1))
def test_an_answer_with_a_wrong_letter_earns_nothing_and_the_key_earns_all(key: set[str], chosen: set[str]) -> None:
    item = {
        "kind": "multiple_choice",
        "options": list("ABCDEF"),
        "key": "".join(sorted(key)),
        "full_mark": "60",
        "step": "1",
        "partial_credit": "proportional",
        "partial_mark": None,
    }
    answer = "".join(sorted(chosen))
    assert is_answer(item, answer)
    units = units_by_position(item).get(answers(item).index(answer), 0)
    assert units == (60 * len(chosen) // len(key) if chosen <= key else 0)


def test_a_corrected_key_changes_one_item_and_nothing_else() -> None:
    content = paper_content()
    corrected = with_key(content, "2", "C")
    assert [item["key"] for item in corrected["items"]] == ["B", "C", "AC", None]
    assert [item["key"] for item in content["items"]] == ["B", "D", "AC", None]
