"""Test identities are sound, unique and of nobody."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from services.roster.students.rules import number_fault
from shared.terms.identity_number import check_character, citizen_number_fault, pupil_number_fault
from tools.synthetic_city.identities import SERIALS, check_characters, citizen_numbers, day
from tools.synthetic_city.staff import staff_table
from tools.synthetic_city.streams import Streams


def test_check_characters_are_those_of_the_standard():
    numbers = np.array([11010519491231002, 44052418800101001, 0, 99999999999999999])
    assert check_characters(numbers).to_list() == [check_character(f"{number:017d}") for number in numbers]
    # The two examples printed in GB 11643-1999.
    assert check_characters(numbers[:2]).to_list() == ["X", "4"]


def test_a_full_birth_span_has_no_number_twice():
    capacity = 3 * SERIALS
    place = np.arange(capacity)
    for is_male in (place % 2 == 0, place % 3 == 0):
        found = citizen_numbers(place, is_male, first_day=np.full(capacity, day(2015, 9, 1)), days=3)
        assert found["number"].n_unique() == capacity
        assert found["birth_date"].n_unique() == 3
    assert ((found["number"].str.slice(16, 1).cast(pl.Int64) % 2 == 1) == pl.Series(is_male)).all()


def test_more_people_than_numbers_are_refused():
    place = np.array([3 * SERIALS])
    with pytest.raises(ValueError, match="birth span"):
        citizen_numbers(place, np.array([True]), first_day=np.array([day(2015, 9, 1)]), days=3)


def test_every_pupil_has_a_sound_number_that_agrees_with_the_row(students):
    assert students["student_number"].n_unique() == students.height == 9_000
    assert students["student_number"].str.starts_with("G990001").all()
    for row in students.iter_rows(named=True):
        assert pupil_number_fault(row["student_number"]) is None
        assert number_fault(row["student_number"], sex=row["sex"], birth_date=row["birth_date"]) is None


def test_pupils_are_as_old_as_their_grade_is(students, whole):
    ages = students.with_columns(grade=pl.Series(whole.pupils.grade_level))
    first = ages.filter(pl.col("grade") == 1)["birth_date"]
    assert dt.date(2018, 9, 1) <= first.min() <= first.max() <= dt.date(2019, 8, 31)
    spans = ages.group_by("grade").agg(pl.col("birth_date").max() - pl.col("birth_date").min())["birth_date"]
    assert spans.max() <= dt.timedelta(days=364)


def test_staff_have_sound_numbers_of_their_own(city, students):
    staff = staff_table(city.streams, city.schools, city.grades)
    assert staff["citizen_number"].n_unique() == staff.height
    assert all(citizen_number_fault(number) is None for number in staff["citizen_number"])
    assert not set("G" + staff["citizen_number"]) & set(students["student_number"])
    assert (staff["post"] == "31").sum() == city.schools.height


def test_streams_know_no_order():
    streams, places = Streams(5), np.arange(1_000)
    backwards = streams.uniform("a", places[::-1])[::-1]
    assert np.array_equal(streams.uniform("a", places), backwards)
    assert not np.array_equal(streams.uniform("a", places), streams.uniform("b", places))
    assert not np.array_equal(streams.uniform("a", places), Streams(6).uniform("a", places))
    normal = streams.normal("n", np.arange(100_000))
    assert abs(normal.mean()) < 4 / np.sqrt(100_000)
    assert normal.std() == pytest.approx(1, abs=0.01)
    assert abs(np.corrcoef(normal[1:], normal[:-1])[0, 1]) < 0.013
