"""Pupils of a run of schools: where they are this year, where they were last year, who they are.

Pupils are numbered through by school, grade and class. Everything about one is a function of the seed and that number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tools.synthetic_city.identities import citizen_numbers, day, names
from tools.synthetic_city.places import class_codes
from tools.synthetic_city.settings import LAST_YEAR, THIS_YEAR, CitySettings
from tools.synthetic_city.streams import Integers, Streams

Flags = NDArray[np.bool_]
ENTERED_LAST, TURN, ENTERED = dt.date(2024, 9, 1), dt.date(2025, 7, 10), dt.date(2025, 9, 1)
LEFT = dt.date(2025, 12, 15)
_BIRTH_DAYS = 365
_TOP_GRADE = 12


@dataclass(frozen=True, slots=True, eq=False)
class Pupils:
    """Pupils of some schools.

    Args:
        place: number of each pupil in the city.
        cell: row of the grade table.
        school: row of the school table.
        grade_level: 1 to 12, this year.
        class_number: from 1 within the grade.
        class_row: row of the class table.
        is_leaver: leaves the city in the middle of this year.
        was_here: was in the city's schools last year.
        last_school: row of last year's school; −1 where ``was_here`` is false.
        last_class: last year's class number.
    """

    place: Integers
    cell: Integers
    school: Integers
    grade_level: Integers
    class_number: Integers
    class_row: Integers
    is_leaver: Flags
    was_here: Flags
    last_school: Integers
    last_class: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Roll:
    """What the numbering of pupils needs to know of the whole city, from the grade table.

    Args:
        grades: the grade table.
        start: number of the first pupil of each grade row.
        in_grade: pupils of the same grade level before each grade row.
        first_class: row of the first class of each grade row.
        feeders: grade rows ordered by area and stage.
        feeder_sum: pupils up to and with each of ``feeders``.
        feeder_range: shape (areas, stages, 2): that sum before and after each area's stage.
        class_count: classes by school row and grade level, shape (schools, 13).
    """

    grades: pl.DataFrame
    start: Integers
    in_grade: Integers
    first_class: Integers
    feeders: Integers
    feeder_sum: Integers
    feeder_range: Integers
    class_count: Integers


def roll_of(grades: pl.DataFrame) -> Roll:
    """Prepares the numbering."""
    n, area, stage = (grades[column].to_numpy() for column in ("n", "area", "stage"))
    level = grades["grade_level"].to_numpy()
    same_level = grades.select(pl.col("n").cum_sum().over("grade_level") - pl.col("n"))["n"].to_numpy()
    feeders = np.lexsort((stage, area))
    feeder_sum = n[feeders].cumsum()
    group = area * 3 + stage
    ends = np.searchsorted(group[feeders], np.arange(3 * (int(area.max()) + 1)), side="right")
    bounds = np.concatenate([[0], feeder_sum])[np.concatenate([[0], ends])]
    class_count = np.zeros((int(grades["school"].max()) + 1, _TOP_GRADE + 1), np.int64)  # type: ignore[arg-type]
    class_count[grades["school"].to_numpy(), level] = grades["class_count"].to_numpy()
    return Roll(
        grades=grades,
        start=np.concatenate([[0], n.cumsum()]),
        in_grade=same_level,
        first_class=grades["class_count"].to_numpy().cumsum() - grades["class_count"].to_numpy(),
        feeders=feeders,
        feeder_sum=feeder_sum,
        feeder_range=np.stack([bounds[:-1], bounds[1:]], axis=1).reshape(-1, 3, 2),
        class_count=class_count,
    )


def pupils_of(streams: Streams, roll: Roll, settings: CitySettings, *, first: int, last: int) -> Pupils:
    """Pupils of the grade rows ``first`` to ``last − 1``."""
    counts = np.diff(roll.start[first : last + 1])
    cell = np.repeat(np.arange(first, last), counts)
    place = np.arange(roll.start[first], roll.start[last])
    level, school, classes, size = (
        roll.grades[column].to_numpy()[cell] for column in ("grade_level", "school", "class_count", "n")
    )
    number = (place - roll.start[cell]) * classes // size
    arrived = streams.uniform("pupil.arrival", place) < settings.arrival_rate
    was_here = ~arrived & (level > 1)
    last_school = _last_schools(streams, roll, settings, place=place, cell=cell)
    last_school = np.where(was_here, last_school, -1)
    held = np.where(was_here, roll.class_count[last_school, level - 1], 1)
    return Pupils(
        place=place,
        cell=cell,
        school=school,
        grade_level=level,
        class_number=number + 1,
        class_row=roll.first_class[cell] + number,
        is_leaver=streams.uniform("pupil.leaver", place) < settings.leaver_rate,
        was_here=was_here,
        last_school=last_school,
        last_class=number % np.maximum(held, 1) + 1,
    )


def _last_schools(streams: Streams, roll: Roll, settings: CitySettings, *, place: Integers, cell: Integers) -> Integers:
    """Last year's school: the same, or one of the area that had the grade, as likely as it is large."""
    level, area, school = (roll.grades[column].to_numpy()[cell] for column in ("grade_level", "area", "school"))
    before = level - 1
    stage = np.where(before <= 6, 0, np.where(before <= 9, 1, 2))
    low, high = roll.feeder_range[area, stage, 0], roll.feeder_range[area, stage, 1]
    drawn = low + streams.below("pupil.last_school", place, high - low)
    row = roll.feeders[np.searchsorted(roll.feeder_sum, drawn, side="right")]
    other = roll.grades["school"].to_numpy()[row]
    moved = streams.uniform("pupil.mover", place) < settings.mover_rate
    # A grade that the school does not have was attended elsewhere.
    return np.where(moved | (roll.class_count[school, before] == 0), other, school)


def people(streams: Streams, roll: Roll, pupils: Pupils, schools: pl.DataFrame) -> pl.DataFrame:
    """Pupils as the roster imports students: ``student_number, name, sex, birth_date, ethnicity, school_code``."""
    male = streams.uniform("pupil.sex", pupils.place) < 0.52
    rank = roll.in_grade[pupils.cell] + pupils.place - roll.start[pupils.cell]
    # Grade g of 2025-2026 was born from September of 2019 − g on; one day of a leap year stays free.
    starts = np.array([day(2019 - grade, 9, 1) for grade in range(_TOP_GRADE + 1)])
    numbers = citizen_numbers(rank, male, first_day=starts[pupils.grade_level], days=_BIRTH_DAYS)
    minority = streams.uniform("pupil.ethnicity", pupils.place)
    return pl.DataFrame(
        [
            ("G" + numbers["number"]).alias("student_number"),
            names(streams, "pupil", pupils.place),
            pl.Series("sex", np.where(male, "1", "2")),
            numbers["birth_date"],
            pl.Series("ethnicity", np.array(["03", "06", "07", "01"])[np.searchsorted([0.05, 0.15, 0.28], minority)]),
            schools["school_code"].gather(pupils.school),
        ]
    )


def enrollments(pupils: Pupils, student_number: pl.Series, schools: pl.DataFrame) -> pl.DataFrame:
    """Enrollments of last year and of this one, as the roster imports them."""
    codes, level = schools["school_code"], pl.Series(pupils.grade_level)
    here = pl.DataFrame(
        {
            "student_number": student_number,
            "school_year": pl.repeat(THIS_YEAR, len(level), eager=True),
            "school_code": codes.gather(pupils.school),
            "class_code": class_codes(level, pupils.class_number),
            "grade_level": level,
            "status": np.where(pupils.is_leaver, "transferred_out", "enrolled"),
            "entered_on": pl.repeat(ENTERED, len(level), eager=True),
            "left_on": pl.Series([None, LEFT], dtype=pl.Date).gather(pupils.is_leaver.astype(np.int64)),
        }
    )
    kept = np.flatnonzero(pupils.was_here)
    stayed = pupils.last_school[kept] == pupils.school[kept]
    finished = ~stayed & np.isin(pupils.grade_level[kept], (7, 10))
    level = level.gather(kept) - 1
    status = np.where(stayed, "enrolled", np.where(finished, "graduated", "transferred_out"))
    before = pl.DataFrame(
        {
            "student_number": student_number.gather(kept),
            "school_year": pl.repeat(LAST_YEAR, len(kept), eager=True),
            "school_code": codes.gather(pupils.last_school[kept]),
            "class_code": class_codes(level, pupils.last_class[kept]),
            "grade_level": level,
            "status": status,
            "entered_on": pl.repeat(ENTERED_LAST, len(kept), eager=True),
            "left_on": pl.Series([None, TURN], dtype=pl.Date).gather((~stayed).astype(np.int64)),
        }
    )
    return pl.concat([before, here])
