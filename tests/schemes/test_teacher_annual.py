"""The scheme of teachers: five capped areas, teaching effect as one item of many, and the gate of conduct."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from shared.policy.annual_assessment import AnnualGrade
from shared.policy.conduct import PayEffect, Standing, severity_of
from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.checks import check_scheme
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.findings import errors
from shared.scoring.scheme.items import scheme_items
from shared.scoring.scheme.reading import read_scheme
from shared.scoring.scheme.tree import EvaluationKind, SubjectOfScheme
from tools.scheme_check import FOLDER, knows_source

TEXT = (FOLDER / "teacher_annual.yaml").read_text("utf-8")
DAY = dt.date(2026, 9, 1)


def document(text: str = TEXT) -> SchemeDocument:
    found = read_scheme(text)
    assert isinstance(found, SchemeDocument), found
    return found


def refusals(text: str) -> set[str]:
    scheme = document(text)
    found = check_scheme(scheme, law=scheme_objections, knows_source=knows_source(scheme))
    return {finding.code for finding in errors(found)}


def test_it_has_the_five_areas_of_the_plan_with_equal_caps_to_be_set() -> None:
    scheme = document().as_of(DAY)
    assert scheme.of is SubjectOfScheme.STAFF
    areas = [branch for branch in scheme.children if branch.code != "V"]
    assert [area.name.zh for area in areas] == ["师德师风", "教育教学", "学生工作", "科研", "荣誉"]
    assert [int(area.weight) for area in areas] == [20] * 5
    assert not any(value.is_verified for branch in document().children for value in branch.weight.values)


def test_grades_are_those_of_the_annual_assessment() -> None:
    assert [band.grade for band in document().as_of(DAY).grades] == list(AnnualGrade)


def test_teaching_effect_is_value_added_and_a_small_part() -> None:
    (effect,) = [leaf for leaf in document().as_of(DAY).leaves() if leaf.is_exam_derived]
    assert (effect.source.key, effect.evaluation_kind) == ("teaching_effect", EvaluationKind.VALUE_ADDED)
    (shares,) = scheme_items(document().as_of(DAY)).leaf_shares
    assert shares[effect.code] == pytest.approx(0.2 / 6)


def weighing(areas: list[int], effect: int) -> str:
    """The scheme with other weights of its areas and of teaching effect."""
    name = "zh: 教学增值, en: Teaching effect}\n        weight: "
    weights = iter(areas)
    return re.sub(r"value: 20", lambda _: f"value: {next(weights)}", TEXT).replace(f"{name}1", f"{name}{effect}")


def test_exam_results_take_no_more_than_the_law_lets_them() -> None:
    assert refusals(weighing([20, 20, 20, 20, 20], 1_000)) == set()
    assert "scheme_law.share_too_large" in refusals(weighing([10, 60, 10, 10, 10], 1_000))


@pytest.mark.parametrize("key", ["admission_rate", "zhongkao.mean", "promotion_rate"])
def test_entrance_exams_are_no_source(key: str) -> None:
    assert "scheme_law.entrance_source" in refusals(TEXT.replace("key: honors.points", f"key: {key}"))


def test_the_gate_caps_at_what_the_standing_says() -> None:
    vetoes = [leaf for leaf in document().as_of(DAY).leaves() if leaf.rule.kind == "veto"]
    for cap in list(AnnualGrade)[1:]:
        severity = severity_of(Standing("demerit", cap, PayEffect.NONE, None))
        struck = [leaf.rule.caps_at for leaf in vetoes if leaf.rule.limit <= severity]  # type: ignore[attr-defined]
        assert max(struck, key=lambda grade: list(AnnualGrade).index(AnnualGrade(str(grade)))) == cap


def test_a_figure_nobody_knows_is_found() -> None:
    assert "scheme.source_unknown" in refusals(TEXT.replace("key: training.hours", "key: training.unheard_of"))
