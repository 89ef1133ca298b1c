"""Grades."""

from shared.scoring.scheme.findings import Level
from tests.scoring.scheme_texts import found_by, spoiled


def test_the_small_scheme_passes() -> None:
    assert found_by("grades") == []


def test_from_best_to_worst() -> None:
    assert [finding[1] for finding in found_by("grades", ("at_least: 60", "at_least: 90"))] == ["grades_not_descending"]


def test_nobody_is_left_out() -> None:
    assert [finding[1] for finding in found_by("grades", ("at_least: 0}", "at_least: 10}"))] == ["grades_incomplete"]


def test_none_twice_and_none_beyond_a_hundred() -> None:
    found = found_by("grades", ("{grade: C,", "{grade: A,"), ("at_least: 90", "at_least: 101"))
    assert {finding[1] for finding in found} == {"grade_twice", "grade_out_of_bounds"}
    assert {finding[0] for finding in found} == {Level.ERROR}


def test_two_at_least() -> None:
    text = spoiled(
        ("  - {grade: A, name: {zh: 优秀, en: Excellent}, at_least: 90}\n", ""),
        ("  - {grade: C, name: {zh: 合格, en: Passed}, at_least: 60}\n", ""),
    )
    assert [finding[1] for finding in found_by("grades", text=text)] == ["grade_count"]
