"""Fitness as callers read it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from services.student_eval.fitness.reports import COUNTED, RATES
from services.student_eval.fitness.tables import FitnessSheet, FitnessSheetState
from shared.kernel.web.organizations import code_of
from shared.scoring.fitness.standard import BMI, FitnessStandard, Group, Sex


class TestOut(BaseModel):
    """A test of a group: its weight, and what each score takes, best first."""

    code: str
    name: dict[str, str]
    unit: str
    weight: int
    less_is_better: bool
    scores: list[tuple[int, Decimal]]
    bonus_beyond: list[int]


class StandardOut(BaseModel):
    """The tables of a grade and sex."""

    document: str
    verified: bool
    sex: Sex
    grade_level: int
    tests: list[TestOut]
    bmi_from: dict[str, Decimal]
    bmi_scores: dict[str, int]
    grades: dict[str, Decimal]


class SheetOut(BaseModel):
    """Results of a school in a year."""

    organization: str
    school_year: str
    student_count: int
    sha256: str
    version: int
    updated_at: dt.datetime


class StateOut(BaseModel):
    """Results as they once stood."""

    number: int
    sha256: str
    source: str
    attempt: str
    row_count: int
    by: str
    at: dt.datetime


class SheetDetail(SheetOut):
    """Results of a school with their history."""

    states: list[StateOut]


class TakenOut(BaseModel):
    """What a file did."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    sha256: str


class GroupOut(BaseModel):
    """Counts and rates of a group; null where they are withheld or nobody counts."""

    group: str
    is_withheld: bool
    counts: dict[str, int | None]
    rates: dict[str, float | None]


class ReportOut(BaseModel):
    """Fitness of an organization in a year, as a whole and by groups."""

    organization: str
    school_year: str
    by: str
    min_n: int
    schools: int
    whole: GroupOut
    groups: list[GroupOut]


class ItemOut(BaseModel):
    """One test of a pupil: what was measured, what it earned, and what it weighs in the total."""

    test: str
    result: float | None
    score: int | None
    weight: int
    bonus: int | None


class StudentOut(BaseModel):
    """A pupil's results: the standard score is the sum of score × weight ÷ 100, the total that and the bonus points."""

    student_key: str
    school_year: str
    class_code: str | None
    grade_level: int
    attempt: str
    is_exempt: bool
    bmi: float | None
    body_mass: str | None
    items: list[ItemOut]
    standard_score: float | None
    bonus: int | None
    total: float | None
    grade: str | None
    missing_count: int


class StudentsOut(BaseModel):
    """Pupils of a school."""

    items: list[StudentOut]


def standard_out(standard: FitnessStandard, group: Group) -> StandardOut:
    """The tables of a group."""
    tests = [
        TestOut(
            code=code,
            name=dict(standard.tests[code].name),
            unit=standard.tests[code].unit,
            weight=weight,
            less_is_better=standard.tests[code].less_is_better,
            scores=list(group.thresholds.get(code, ())),
            bonus_beyond=list(group.bonus.get(code, ())),
        )
        for code, weight in group.weights.items()
    ]
    normal, overweight, obese = group.bands
    return StandardOut(
        document=standard.document,
        verified=standard.verified,
        sex=group.sex,
        grade_level=group.grade_level,
        tests=tests,
        bmi_from={"normal": normal, "overweight": overweight, "obese": obese},
        bmi_scores={band.value: score for band, score in standard.bmi_scores.items()},
        grades={grade.code: grade.at_least for grade in standard.grades},
    )


def sheet_out(sheet: FitnessSheet) -> SheetOut:
    """A school's sheet."""
    return SheetOut(
        organization=code_of(sheet.org_path),
        school_year=sheet.school_year,
        student_count=sheet.student_count,
        sha256=sheet.sha256,
        version=sheet.version,
        updated_at=sheet.updated_at,
    )


def sheet_detail(sheet: FitnessSheet, states: Iterable[FitnessSheetState]) -> SheetDetail:
    """A school's sheet with its history."""
    told = [
        StateOut(
            number=state.number,
            sha256=state.sha256,
            source=state.source,
            attempt=state.attempt,
            row_count=state.row_count,
            by=code_of(state.by_org),
            at=state.at,
        )
        for state in states
    ]
    return SheetDetail(**sheet_out(sheet).model_dump(), states=told)


def group_out(row: Mapping[str, Any], name: str) -> GroupOut:
    """A group of a report."""
    rates = {rate: None if row[rate] is None else round(row[rate], 4) for rate in RATES}
    return GroupOut(
        group=name, is_withheld=row["is_withheld"], counts={count: row[count] for count in COUNTED}, rates=rates
    )


def student_out(row: Mapping[str, Any], school_year: str, standard: FitnessStandard) -> StudentOut:
    """A pupil's results, test by test."""
    group = standard.groups[Sex(row["sex"]), row["grade_level"]]
    items = [
        ItemOut(
            test=test,
            result=row["bmi"] if test == BMI else row[test],
            score=row[f"{test}_score"],
            weight=weight,
            bonus=row[f"{test}_bonus"] if test in group.bonus else None,
        )
        for test, weight in group.weights.items()
    ]
    names = ("student_key", "class_code", "grade_level", "attempt", "is_exempt", "bmi", "body_mass", "standard_score")
    last = ("bonus", "total", "grade", "missing_count")
    return StudentOut(school_year=school_year, items=items, **{name: row[name] for name in (*names, *last)})
