"""The schemes that come with the platform: complete, lawful, and their worked examples come out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest

from shared.scoring.scheme.checks.base import figures_asked, is_computed, is_veto
from shared.scoring.scheme.document import BranchEntry, SchemeDocument
from shared.scoring.scheme.example_reading import read_examples
from shared.scoring.scheme.examples import SchemeExamples, example_differences
from shared.scoring.scheme.findings import Level
from shared.scoring.scheme.reading import read_scheme
from shared.scoring.scheme.tree import EvaluationKind, Evaluator, SubjectOfScheme
from tools.scheme_check import FOLDER, check_file, examples_file, knows_source, scheme_files

FILES = scheme_files([FOLDER])


def seed(code: str) -> SchemeDocument:
    found = read_scheme((FOLDER / f"{code}.yaml").read_text("utf-8"))
    assert isinstance(found, SchemeDocument), found
    return found


def scored_dimensions(document: SchemeDocument) -> list[BranchEntry]:
    return [branch for branch in document.children if branch.code != "V"]


def test_there_is_one_for_every_guide() -> None:
    assert {file.stem for file in FILES} == {
        "compulsory_school",
        "compulsory_county",
        "compulsory_student",
        "senior_school",
        "resource_indicators",
        "teacher_annual",
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_is_wrong_but_that_the_official_texts_were_not_checked(file) -> None:
    checked = check_file(file)
    assert {(finding.level, finding.code) for finding in checked.findings} <= {
        (Level.WARNING, "scheme.not_verified"),
        (Level.WARNING, "scheme.values_not_verified"),
    }
    assert checked.example_count >= 3


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_changed_weight_shows_in_the_examples(file) -> None:
    text = file.read_text("utf-8")
    document = read_scheme(
        text.replace("weights_sum_to: 100\n", "")
        .replace("value: 20", "value: 30", 1)
        .replace("    weight: 1\n", "    weight: 2\n", 1)
    )
    examples = read_examples(examples_file(file).read_text("utf-8"))
    assert isinstance(document, SchemeDocument)
    assert isinstance(examples, SchemeExamples)
    assert list(example_differences(document, examples))


@pytest.mark.parametrize(
    ("code", "indicators", "checkpoints"),
    [
        ("compulsory_school", [2, 3, 3, 3, 1], None),
        ("compulsory_county", [2, 2, 2, 3, 3], None),
        ("compulsory_student", [3, 3, 2, 2, 2], None),
        ("senior_school", [2, 5, 3, 3, 5], 48),
    ],
)
def test_as_many_dimensions_and_indicators_as_the_guide_has(
    code: str, indicators: list[int], checkpoints: int | None
) -> None:
    dimensions = scored_dimensions(seed(code))
    assert [len(dimension.children) for dimension in dimensions] == indicators
    numbered = [child.code for dimension in dimensions for child in dimension.children]
    assert numbered == [f"B{number}" for number in range(1, sum(indicators) + 1)]
    if checkpoints is not None:
        found = [leaf for dimension in dimensions for child in dimension.children for leaf in child.children]  # type: ignore[union-attr]
        assert len(found) == checkpoints


def test_only_what_was_seen_carries_an_official_number() -> None:
    numbers = [leaf.note for leaf in seed("senior_school").leaves() if "official number" in (leaf.note or "")]
    assert numbers == [f"official number {number}" for number in range(1, 10)]
    numbers = [leaf.note for leaf in seed("compulsory_county").leaves() if "official number" in (leaf.note or "")]
    assert numbers == [f"official number {number}" for number in range(1, 8)]


def test_weights_are_equal_by_default_and_say_so() -> None:
    for code in ("compulsory_school", "compulsory_county", "compulsory_student", "senior_school"):
        for dimension in scored_dimensions(seed(code)):
            (value,) = dimension.weight.values
            assert (value.value, value.is_verified) == (Decimal(20), False)


def test_computed_values_can_be_had_and_are_asked_of_nobody() -> None:
    for file in FILES:
        computed = [leaf for leaf in seed(file.stem).leaves() if is_computed(leaf)]
        assert all(map(knows_source(seed(file.stem)), (leaf.source for leaf in computed)))
        assert all(leaf.evaluators == (Evaluator.PLATFORM,) for leaf in computed)
    assert sum(map(is_computed, seed("compulsory_school").leaves())) == 9
    assert figures_asked(seed("compulsory_school"), Evaluator.SCHOOL) == 14
    assert figures_asked(seed("senior_school"), Evaluator.SCHOOL) == 27


def test_schools_are_judged_by_all_four_kinds_of_evaluation() -> None:
    for code in ("compulsory_school", "senior_school"):
        kinds = Counter(leaf.evaluation_kind for leaf in seed(code).leaves() if not is_veto(leaf))
        assert set(kinds) == set(EvaluationKind)


def test_pupils_are_shown_grades_only() -> None:
    scheme = seed("compulsory_student").as_of(dt.date(2026, 9, 1))
    assert scheme.of is SubjectOfScheme.STUDENT
    assert not scheme.shows_total


def test_the_resource_standards() -> None:
    scheme = seed("resource_indicators").as_of(dt.date(2026, 9, 1))
    goals = {
        leaf.code: leaf.rule.bands[0].edge  # type: ignore[attr-defined]
        for leaf in scheme.leaves()
        if leaf.rule.kind == "bands"
    }
    assert [goals[f"R{number}.primary"] for number in range(1, 8)] == [
        Decimal(goal) for goal in ("4.2", "1", "0.9", "4.5", "7.5", "2000", "2.3")
    ]
    assert [goals[f"R{number}.junior"] for number in range(1, 8)] == [
        Decimal(goal) for goal in ("5.3", "1", "0.9", "5.8", "10.2", "2500", "2.4")
    ]
