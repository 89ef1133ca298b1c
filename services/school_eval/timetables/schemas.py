"""Timetables as callers write and read them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.school_eval.timetables.tables import SchoolTimetable
from shared.kernel.web.fields import Strict
from shared.kernel.web.organizations import code_of
from shared.policy.timetables import SCHOOL_DAYS, Shortfall, Week, shortfalls, timetable_rules

SubjectCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
ClassCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$")]
Lessons = Annotated[Decimal, Field(ge=0, le=20, max_digits=4, decimal_places=1)]


class WeekIn(Strict):
    """A class's week."""

    class_code: ClassCode
    grade_level: Annotated[int, Field(ge=1, le=12)]
    lessons: dict[SubjectCode, Lessons] = Field(max_length=40, description="每周课时，隔周课记0.5 / lessons a week")
    sport_minutes: list[Annotated[int, Field(ge=0, le=480)]] = Field(
        default=[], max_length=SCHOOL_DAYS, description="周一至周五每日校园体育运动分钟数"
    )


class TimetableIn(Strict):
    """The weeks of every class of a school."""

    weeks: list[WeekIn] = Field(min_length=1, max_length=400)

    @model_validator(mode="after")
    def _classes_once(self) -> Self:
        codes = [week.class_code for week in self.weeks]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"班级重复 / classes stand twice: {', '.join(twice)}")
        return self


class RuleOut(BaseModel):
    """A rule with its source."""

    code: str
    name: dict[str, str]
    document: str
    in_force_from: dt.date
    verified: bool


class RulesOut(BaseModel):
    """Every rule."""

    items: list[RuleOut]


class ShortfallOut(BaseModel):
    """A rule that a class's week does not keep."""

    class_code: str
    grade_level: int
    rule: str
    found: str
    wanted: str


class ComplianceOut(BaseModel):
    """Classes judged by a rule, those that keep it, and their share."""

    rule: str
    classes: int
    kept: int
    rate: float | None


class TimetableOut(BaseModel):
    """A school's timetables, summed up."""

    organization: str
    school_year: str
    semester: int
    class_count: int
    compliance: list[ComplianceOut]
    version: int


class TimetableDetail(TimetableOut):
    """A school's timetables with every week, and which fall short."""

    weeks: list[WeekIn]
    shortfalls: list[ShortfallOut]


def rules_out() -> RulesOut:
    """The rules as callers see them."""
    return RulesOut(items=[RuleOut.model_validate(rule, from_attributes=True) for rule in timetable_rules()])


def timetable_out(row: SchoolTimetable) -> TimetableOut:
    """A school's timetables as callers see them."""
    return TimetableOut(
        organization=code_of(row.org_path),
        school_year=row.school_year,
        semester=row.semester,
        class_count=row.class_count,
        compliance=[_compliance(rule, *counts) for rule, counts in row.compliance.items()],
        version=row.version,
    )


def timetable_detail(row: SchoolTimetable) -> TimetableDetail:
    """A school's timetables with every week."""
    weeks = [WeekIn.model_validate(week) for week in row.weeks]
    short = [_shortfall(week, each) for week in weeks for each in shortfalls(week_of(week))]
    return TimetableDetail(**timetable_out(row).model_dump(), weeks=weeks, shortfalls=short)


def week_of(week: WeekIn) -> Week:
    """A week as the policy judges it."""
    return Week(week.grade_level, {code: float(count) for code, count in week.lessons.items()}, week.sport_minutes)


def _compliance(rule: str, classes: int, kept: int) -> ComplianceOut:
    return ComplianceOut(rule=rule, classes=classes, kept=kept, rate=kept / classes if classes else None)


def _shortfall(week: WeekIn, each: Shortfall) -> ShortfallOut:
    return ShortfallOut(
        class_code=week.class_code, grade_level=week.grade_level, rule=each.rule, found=each.found, wanted=each.wanted
    )
