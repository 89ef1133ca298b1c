"""Enrollments as senders write them and readers get them."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field

from services.roster.intake.fields import ClassCode, Day, GradeLevel, PersonKey, RowModel, SchoolCode, SchoolYear, coded
from services.roster.students.schemas import StudentNumber


class EnrollmentRow(RowModel):
    """An enrollment; the pupil by national number or by the pseudonym this service gave, not by both."""

    student_number: StudentNumber | None = None
    student_key: PersonKey | None = None
    school_year: SchoolYear
    school_code: SchoolCode
    class_code: ClassCode | None = None
    grade_level: GradeLevel
    status: Annotated[str, *coded("enrollment_statuses", "学籍状态")] = "enrolled"
    entered_on: Annotated[Day | None, Field(title="入学日期")] = None
    left_on: Annotated[Day | None, Field(title="离校日期")] = None


class EnrollmentOut(BaseModel):
    """An enrollment."""

    student_key: str
    school_year: str
    school_code: str
    class_code: str | None
    grade_level: int
    status: str
    entered_on: dt.date
    left_on: dt.date | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
