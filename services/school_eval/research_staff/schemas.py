"""Teaching research staff and heard lessons as callers write and read them."""

import datetime as dt
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.school_eval.research_staff.rules import TeachingLink
from services.school_eval.research_staff.tables import HeardLesson, ResearchStaff
from shared.kernel.web.fields import Name, OwnCode, SchoolCode, Strict, Words
from shared.kernel.web.organizations import code_of
from shared.terms.education import Stage

StaffCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$")]
Month = Annotated[str, StringConstraints(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]


class ResearchStaffIn(Strict):
    """A post of teaching research; no name, the roster knows whose code it is."""

    account: Annotated[str, StringConstraints(max_length=120)] | None = None
    subjects: list[OwnCode] = Field(min_length=1, max_length=20)
    stages: list[Stage] = Field(min_length=1, max_length=6)
    is_full_time: bool
    linked_schools: list[SchoolCode] = Field(
        default=[], max_length=50, description="联系的薄弱学校 / weak schools it is linked to"
    )
    starts_on: dt.date
    ends_on: dt.date | None = None

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("结束日期早于开始日期 / it ends before it starts")
        return self


class ResearchStaffOut(ResearchStaffIn):
    """A post as kept."""

    organization: str
    staff_code: str
    version: int


class HeardLessonIn(Strict):
    """A heard lesson; nobody taught or teaching is named."""

    heard_on: dt.date
    period: Annotated[int, Field(ge=1, le=12, description="第几节 / lesson of the day")]
    school_code: SchoolCode
    subject: OwnCode
    grade_level: Annotated[int, Field(ge=1, le=12)]
    topic: Name
    links: list[TeachingLink] = Field(min_length=1, max_length=7, description="涉及的教学环节 / links looked at")
    advice: Words


class HeardLessonOut(HeardLessonIn):
    """A heard lesson as kept."""

    code: str
    version: int


class DutyOut(BaseModel):
    """What is owed, and by which document."""

    value: int
    document: str
    verified: bool


class MonthRow(BaseModel):
    """One post in one month; ``met`` is null where the duty is not owed (part time, or held part of the month)."""

    organization: str
    staff_code: str
    is_full_time: bool
    lessons: int
    schools: int
    linked_schools: int
    linked_schools_visited: int
    met: bool | None


class MonthOut(BaseModel):
    """The log of a month, post by post."""

    month: str
    duty: DutyOut
    items: list[MonthRow]


def staff_out(row: ResearchStaff) -> ResearchStaffOut:
    """A post as callers see it."""
    kept = {name: getattr(row, name) for name in ResearchStaffIn.model_fields}
    return ResearchStaffOut(**kept, organization=code_of(row.org_path), staff_code=row.staff_code, version=row.version)


def lesson_out(row: HeardLesson) -> HeardLessonOut:
    """A heard lesson as callers see it."""
    kept = {name: getattr(row, name) for name in HeardLessonIn.model_fields}
    return HeardLessonOut(**kept, code=row.code, version=row.version)
