"""Hours of training as callers read them."""

import datetime as dt
from decimal import Decimal

from pydantic import BaseModel, Field

from services.teacher_eval.trainings.rules import TrainingLevel
from services.teacher_eval.trainings.schemas import RecordOut


class PeriodOut(BaseModel):
    """A period of training and what is owed in it, with the document."""

    first_on: dt.date
    last_on: dt.date
    needed_hours: int
    document: str
    verified: bool


class HoursOut(BaseModel):
    """One person's hours in a period, record by record."""

    staff_key: str
    period: PeriodOut
    hours: Decimal
    expected_hours: Decimal = Field(description="按时间进度应达学时 / hours of an even pace until today")
    missing_hours: Decimal
    by_level: dict[TrainingLevel, Decimal]
    records: list[RecordOut]


class HoursGroupOut(BaseModel):
    """Hours of a group; withheld where it has too few people."""

    group: str
    staff_count: int
    trained_count: int | None
    trained_rate: float | None
    completed_count: int | None
    completed_rate: float | None
    mean_hours: float | None
    is_withheld: bool


class HoursBoardOut(BaseModel):
    """Hours by group within the caller's organization; rates over everybody on active staff."""

    period: PeriodOut
    by: str
    least_group: int
    items: list[HoursGroupOut]
