"""The roster made of the published pupils: unique, lawful, and nobody's."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.mapping import (
    FIRST_BIRTHDAY,
    GRADE_LEVEL,
    RULES,
    SCHOOL_YEAR,
    Roster,
    birth_date,
    candidate_id,
    roster,
    school_code,
    student_number,
)
from shared.terms.education import is_school_year
from shared.terms.identity_number import pupil_number_fault


@pytest.fixture(scope="module")
def mapped(pupils: pl.DataFrame, areas: tuple[str, ...]) -> Roster:
    return roster(pupils, areas)


def test_counts_are_those_of_the_data(mapped: Roster) -> None:
    counts = (len(mapped.schools), len(mapped.classes), len(mapped.students), len(mapped.enrollments))
    assert counts == (131, 133, 2_287, 2_287)


def test_every_number_is_sound_unique_and_of_the_test_region(mapped: Roster) -> None:
    numbers = [student["student_number"] for student in mapped.students]
    assert len(set(numbers)) == len(numbers)
    assert [fault for fault in map(pupil_number_fault, numbers) if fault] == []
    assert {number[:7] for number in numbers} == {"J990001"}


def test_birth_dates_fit_the_grade_and_stand_in_the_number(mapped: Roster) -> None:
    began = int(SCHOOL_YEAR[:4])
    for student in mapped.students:
        born = dt.date.fromisoformat(student["birth_date"])
        assert dt.date(began - 12, 9, 1) <= born <= dt.date(began - 11, 8, 31)
        assert student["student_number"][7:15] == f"{born:%Y%m%d}"


def test_schools_spread_evenly_over_the_ten_areas_in_order(mapped: Roster, areas: tuple[str, ...]) -> None:
    found = [school["county_code"] for school in mapped.schools]
    assert found[:11] == [*areas, areas[0]]
    assert sorted(Counter(found).values()) == [13] * 9 + [14]


def test_school_codes_are_primary_schools_of_the_province(mapped: Roster, pupils: pl.DataFrame) -> None:
    codes = [school["school_code"] for school in mapped.schools]
    assert codes == [f"2152{900_000 + number}" for number in sorted(set(pupils["school"].to_list()))]
    assert all(len(code) == 10 for code in codes)


def test_names_hold_no_digits_and_tell_pupils_apart(mapped: Roster) -> None:
    names = [student["name"] for student in mapped.students]
    assert names[0] == "示范学生一七〇〇一"
    assert len(set(names)) == len(names)
    assert not any(character.isdigit() and character.isascii() for name in names for character in name)


def test_pupils_classes_and_enrollments_refer_to_what_exists(mapped: Roster) -> None:
    classes = {(entry["school_code"], entry["class_code"]) for entry in mapped.classes}
    schools = {entry["school_code"] for entry in mapped.schools}
    assert {(entry["school_code"], entry["class_code"]) for entry in mapped.enrollments} == classes
    assert {entry["school_code"] for entry in mapped.students} == schools
    assert {entry["grade_level"] for entry in (*mapped.classes, *mapped.enrollments)} == {GRADE_LEVEL}


def test_sex_codes_are_those_of_the_book(mapped: Roster, pupils: pl.DataFrame) -> None:
    girls = int(pupils["sex"].sum())
    assert Counter(student["sex"] for student in mapped.students) == {"2": girls, "1": 2_287 - girls}


def test_the_same_pupils_in_another_order_give_the_same_roster(
    mapped: Roster, pupils: pl.DataFrame, areas: tuple[str, ...]
) -> None:
    assert roster(pupils.sample(fraction=1.0, shuffle=True, seed=7), areas) == mapped


@given(st.integers(0, 300_000))
def test_any_rank_gives_a_sound_number(rank: int) -> None:
    assert pupil_number_fault(student_number(rank)) is None
    assert 0 <= (birth_date(rank) - FIRST_BIRTHDAY).days < 365


def test_rules_are_stated_in_both_languages() -> None:
    assert is_school_year(SCHOOL_YEAR)
    assert all(zh and en for zh, en in RULES)
    assert (school_code(258), candidate_id(17_001)) == ("2152900258", "0017001")
