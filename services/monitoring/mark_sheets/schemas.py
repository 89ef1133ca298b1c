"""Sheets and reconciliation as callers see them."""

import datetime as dt
import uuid
from decimal import Decimal

from pydantic import BaseModel, Field

from services.monitoring.exams.fields import Strict
from services.monitoring.mark_sheets.tables import MarkSheet


class MarkSheetOut(BaseModel):
    """A sheet in force."""

    school_code: str
    county_code: str
    row_count: int
    sha256: str
    upload_id: uuid.UUID
    accepted_at: dt.datetime
    confirmed_at: dt.datetime | None


class ConfirmIn(Strict):
    """A school's word on the sheet it has seen."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="所见成绩表的 sha256 / of the sheet that was seen")


class SubjectFigures(BaseModel):
    """One subject: rows by status; mean and range of the marks of those present."""

    code: str
    name_zh: str
    full_mark: str
    present: int
    absent: int
    void: int
    exempt: int
    not_entered: int
    mean: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None


class ClassFigures(BaseModel):
    """One class."""

    class_code: str
    rows: int


class UnaccountedPupil(BaseModel):
    """A pupil of the frozen roster without a row: the roster's pseudonym and class."""

    student_key: str
    class_code: str | None


class FiguresOut(BaseModel):
    """What a school is asked to confirm."""

    exam: str
    school_code: str
    sha256: str
    confirmed_at: dt.datetime | None
    checking_ends_at: dt.datetime | None
    expected: int
    enrolled: int
    rows: int
    unlinked: int
    excluded_by_code: dict[str, int]
    unaccounted: int
    unaccounted_pupils: list[UnaccountedPupil]
    classes: list[ClassFigures]
    subjects: list[SubjectFigures]


def mark_sheet_out(sheet: MarkSheet) -> MarkSheetOut:
    """A sheet as callers see it: what it is, not what is in it."""
    return MarkSheetOut(
        school_code=sheet.school_code,
        county_code=sheet.county_code,
        row_count=sheet.row_count,
        sha256=sheet.sha256,
        upload_id=sheet.upload_id,
        accepted_at=sheet.accepted_at,
        confirmed_at=sheet.confirmed_at,
    )
