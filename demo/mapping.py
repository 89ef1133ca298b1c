"""How the published pupils become a roster of this city: pure rules, printed before anything is sent.

Every identity is one that nobody holds: region 990001 is not assigned, and the check character is right, so that the
platform's own checks see what they would see of a real number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from shared.terms.identity_number import check_character

SCHOOL_YEAR = "2026-2027"
GRADE_LEVEL = 6
SOURCE_SYSTEM = "demo-bdf"
TEST_REGION = "990001"
AREA_COUNT = 10
#: National school code: primary (21), Guizhou (52), then a serial that no real school has.
FIRST_SERIAL = 900_000
#: Pupils of grade 6 were born between 1 September and 31 August, twelve years before the school year began.
FIRST_BIRTHDAY = dt.date(int(SCHOOL_YEAR[:4]) - 12, 9, 1)
BIRTHDAYS = 365
DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
#: The data do not say which is which; the book they come from codes girls 1.
SEX_CODES = {0: "1", 1: "2"}

RULES = (
    (
        "schoolNR 由小到大排序，第 i 所（从 0 起）归入第 i mod 10 个教育区",
        "schools in order of schoolNR; number i (from 0) lies in education area i mod 10",
    ),
    (
        "学校标识码 = 2152 + (900000 + schoolNR)，名称“示范小学<schoolNR>”",
        "school code = 2152 + (900000 + schoolNR), named Demonstration School <schoolNR>",
    ),
    ("班级代码 = classNR；年级 6；学年 " + SCHOOL_YEAR, "class code = classNR; grade 6; school year " + SCHOOL_YEAR),
    (
        f"学籍号 = J + {TEST_REGION}（未分配的测试地区）+ 出生日期 + 序号 + 校验码",
        f"pupil number = J + {TEST_REGION} (unassigned, for tests) + birth date + serial + check character",
    ),
    (
        f"出生日期（虚构）= {FIRST_BIRTHDAY} + (pupilNR 的名次 mod {BIRTHDAYS}) 天，与六年级相符",
        f"birth date (synthetic) = {FIRST_BIRTHDAY} + (rank of pupilNR mod {BIRTHDAYS}) days, which fits grade 6",
    ),
    (
        "姓名 = 示范学生 + 中文数字的 pupilNR；考号 = 七位 pupilNR；性别 0 男 1 女（原书编码）",
        "name = 示范学生 + pupilNR in Chinese digits; candidate id = pupilNR in 7 digits; sex 0 male, 1 female (the book)",
    ),
)


@dataclass(frozen=True, slots=True)
class Roster:
    """What the platform's roster is to hold, as the bodies a vendor sends."""

    schools: tuple[dict[str, Any], ...]
    classes: tuple[dict[str, Any], ...]
    students: tuple[dict[str, Any], ...]
    enrollments: tuple[dict[str, Any], ...]


def roster(pupils: pl.DataFrame, areas: Sequence[str]) -> Roster:
    """The roster.

    Args:
        pupils: as :func:`demo.dataset.read_pupils` gives them.
        areas: codes of the ten education areas, in order.
    """
    numbered = pupils.sort("pupil").with_row_index("rank")
    people = list(numbered.iter_rows(named=True))
    schools = numbered.select("school", "denomination", "school_ses").unique().sort("school")
    classes = numbered.select("school", "class").unique().sort("school", "class")
    return Roster(
        schools=tuple(
            _school(row, areas[position % len(areas)]) for position, row in enumerate(schools.iter_rows(named=True))
        ),
        classes=tuple(_school_class(row) for row in classes.iter_rows(named=True)),
        students=tuple(_student(row) for row in people),
        enrollments=tuple(_enrollment(row) for row in people),
    )


def school_code(school: int) -> str:
    """Ten-digit code of a school of the data."""
    return f"2152{FIRST_SERIAL + school:06d}"


def candidate_id(pupil: int) -> str:
    """Candidate number (考号) of a pupil of the data."""
    return f"{pupil:07d}"


def birth_date(rank: int) -> dt.date:
    """Synthetic birth date of the pupil with a rank, counted from 0."""
    return FIRST_BIRTHDAY + dt.timedelta(days=rank % BIRTHDAYS)


def student_number(rank: int) -> str:
    """Pupil number of the pupil with a rank: unique because days repeat only with the next serial."""
    body = f"{TEST_REGION}{birth_date(rank):%Y%m%d}{rank // BIRTHDAYS + 1:03d}"
    return f"J{body}{check_character(body)}"


def _school(row: dict[str, int], county_code: str) -> dict[str, Any]:
    return {
        "school_code": school_code(row["school"]),
        "name": f"示范小学{row['school']}",
        "name_en": f"Demonstration School {row['school']}",
        "county_code": county_code,
        "school_type": "211",
        "stages": ["primary"],
        "attributes": {"denomination": str(row["denomination"]), "school_ses": row["school_ses"]},
        "source_system": SOURCE_SYSTEM,
        "source_id": f"school-{row['school']}",
    }


def _school_class(row: dict[str, int]) -> dict[str, Any]:
    return {
        "school_code": school_code(row["school"]),
        "school_year": SCHOOL_YEAR,
        "class_code": str(row["class"]),
        "name": f"六年级（{row['class']}）班",
        "grade_level": GRADE_LEVEL,
        "source_system": SOURCE_SYSTEM,
        "source_id": f"class-{row['school']}-{row['class']}",
    }


def _student(row: dict[str, int]) -> dict[str, Any]:
    return {
        "student_number": student_number(row["rank"]),
        "name": "示范学生" + str(row["pupil"]).translate(DIGITS),
        "sex": SEX_CODES[row["sex"]],
        "birth_date": birth_date(row["rank"]).isoformat(),
        "school_code": school_code(row["school"]),
        "source_system": SOURCE_SYSTEM,
        "source_id": f"pupil-{row['pupil']}",
    }


def _enrollment(row: dict[str, int]) -> dict[str, Any]:
    return {
        "student_number": student_number(row["rank"]),
        "school_year": SCHOOL_YEAR,
        "school_code": school_code(row["school"]),
        "class_code": str(row["class"]),
        "grade_level": GRADE_LEVEL,
    }
