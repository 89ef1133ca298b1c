"""The national fitness standard as data: tests, tables, weights, bonus points, grades."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent
BMI = "bmi"
FULL_SCORE = 100


class Sex(StrEnum):
    """Whose tables count; the standard knows two."""

    BOYS = "boys"
    GIRLS = "girls"


class BodyMass(StrEnum):
    """Bands of the body mass index, from below."""

    UNDERWEIGHT = "underweight"
    NORMAL = "normal"
    OVERWEIGHT = "overweight"
    OBESE = "obese"


@dataclass(frozen=True, slots=True)
class FitnessTest:
    """A test (测试项目).

    Args:
        code: its name in tables and columns.
        name: by language.
        unit: of its results.
        less_is_better: whether a smaller result earns more, as of times.
    """

    code: str
    name: Mapping[str, str]
    unit: str
    less_is_better: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Those who are judged alike.

    Args:
        sex: of the pupils.
        grade_level: 1 to 12.
        weights: per cent of each test; they add up to 100.
        thresholds: by test other than the body mass index: score and the result that earns it, best first.
        bands: least body mass index of the normal, overweight and obese bands.
        bonus: by test, how far beyond the result of a full score each further point lies, ascending.
    """

    sex: Sex
    grade_level: int
    weights: Mapping[str, int]
    thresholds: Mapping[str, tuple[tuple[int, Decimal], ...]]
    bands: tuple[Decimal, Decimal, Decimal]
    bonus: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class FitnessGrade:
    """A grade of results (等级) and the least score that earns it."""

    code: str
    name: Mapping[str, str]
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class FitnessStandard:
    """A revision of the standard.

    Args:
        document: its official name and number.
        verified: whether its figures were compared with the official print.
        tests: by code.
        groups: by sex and grade.
        bmi_scores: score of each band.
        grades: best first.
        total_decimals: places a total is rounded to before it is graded.
        final_year_share: share of the last year in the graduation total.
        least_to_graduate: graduation total that a certificate of graduation takes, by grade level.
        least_for_honors: grade that honors take.
    """

    document: str
    verified: bool
    tests: Mapping[str, FitnessTest]
    groups: Mapping[tuple[Sex, int], Group]
    bmi_scores: Mapping[BodyMass, int]
    grades: tuple[FitnessGrade, ...]
    total_decimals: int
    final_year_share: Decimal
    least_to_graduate: Mapping[int, Decimal]
    least_for_honors: str


@cache
def standard_of_2014() -> FitnessStandard:
    """The revision of 2014, the one in force."""
    content = yaml.safe_load((_FOLDER / "standard.yaml").read_text("utf-8"))
    tests = {
        code: FitnessTest(code, test["name"], test["unit"], test.get("better") == "less")
        for code, test in content["tests"].items()
    }
    bands = {sex: _rows(BMI, sex) for sex in Sex}
    groups = {
        (sex, int(row["grade_level"])): _group(content, sex, int(row["grade_level"]), row)
        for sex in Sex
        for row in bands[sex]
    }
    graduation = content["least_to_graduate"]
    return FitnessStandard(
        document=content["document"],
        verified=content["verified"],
        tests=tests,
        groups=groups,
        bmi_scores={BodyMass(band): score for band, score in content["bmi_scores"].items()},
        grades=tuple(
            FitnessGrade(each["grade"], each["name"], Decimal(each["at_least"])) for each in content["grades"]
        ),
        total_decimals=content["total_decimals"],
        final_year_share=Decimal(str(content["final_year_share"])),
        least_to_graduate={grade: Decimal(graduation["total"]) for grade in graduation["grades"]},
        least_for_honors=content["least_for_honors"],
    )


def _group(content: Mapping[str, Any], sex: Sex, grade_level: int, bands: Mapping[str, str]) -> Group:
    weights = next(entry["tests"] for entry in content["weights"] if _is_for(entry, sex, grade_level))
    column = str(grade_level)
    thresholds = {
        test: tuple((int(row["score"]), Decimal(row[column])) for row in _rows(test, sex) if row[column])
        for test in weights
        if test != BMI
    }
    return Group(
        sex=sex,
        grade_level=grade_level,
        weights=weights,
        thresholds=thresholds,
        bands=(Decimal(bands["normal_from"]), Decimal(bands["overweight_from"]), Decimal(bands["obese_from"])),
        bonus={entry["test"]: tuple(entry["beyond"]) for entry in content["bonus"] if _is_for(entry, sex, grade_level)},
    )


def _is_for(entry: Mapping[str, Any], sex: Sex, grade_level: int) -> bool:
    return grade_level in entry["grades"] and entry.get("sex", sex) == sex


@cache
def _rows(test: str, sex: Sex) -> list[dict[str, str]]:
    with (_FOLDER / "tables" / f"{test}_{sex}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
