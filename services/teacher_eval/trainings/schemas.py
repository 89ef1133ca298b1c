"""Trainings as callers write and read them."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.teacher_eval.trainings.rules import (
    Direction,
    EnrollmentState,
    Focus,
    ProgramState,
    RatedItem,
    TrainingLevel,
)
from services.teacher_eval.trainings.tables import TrainingEnrollment, TrainingProgram, TrainingRecord
from shared.kernel.web.fields import Document, Name, OwnCode, Reason, StaffKey, Strict
from shared.kernel.web.organizations import code_of


def _tenths(hours: Decimal) -> Decimal:
    """Written one way: 60 is 60.0."""
    return hours.quantize(Decimal("0.1"))


Hours = Annotated[Decimal, Field(gt=0, le=2000, decimal_places=1), AfterValidator(_tenths)]
Points = Annotated[int, Field(ge=1, le=5)]
ProgramStep = Literal["open", "close", "reopen", "cancel"]


class ProgramIn(Strict):
    """A training program."""

    level: TrainingLevel
    direction: Direction
    focus: Focus
    title: Name
    provider: Name
    place: Name
    starts_on: dt.date
    ends_on: dt.date
    hours: Hours
    seats: int | None = Field(default=None, ge=1, le=200_000)
    budget_source: Name
    budget_fen: int = Field(ge=0, le=10**13)
    least_attendance_rate: Annotated[Decimal, Field(ge=0, le=1, decimal_places=3)] = Field(
        default=Decimal("0.8"), description="结业所需最低出勤率（参数） / least share attended of those who complete"
    )
    ladder: OwnCode | None = None
    rung: OwnCode | None = None
    document: Document

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("结束日期早于开始日期 / it ends before it starts")
        if (self.ladder is None) != (self.rung is None):
            raise ValueError("梯级与层级须同时填写 / ladder and rung go together")
        return self


class ProgramOut(ProgramIn):
    """A program as kept."""

    code: str
    organization: str
    state: ProgramState
    version: int


class ProgramDetail(ProgramOut):
    """A program and how many are in it, within the caller's organization."""

    enrollments: dict[EnrollmentState, int]


class EnrollIn(Strict):
    """Who is to take part."""

    staff_keys: list[StaffKey] = Field(min_length=1, max_length=2000)


class CompletedIn(Strict):
    """Hours somebody attended, and whether that completes the program."""

    staff_key: StaffKey
    hours_attended: Annotated[Decimal, Field(ge=0, le=2000, decimal_places=1), AfterValidator(_tenths)]
    is_completed: bool


class CompletionIn(Strict):
    """Attendance and completion of many people."""

    completed_on: dt.date
    items: list[CompletedIn] = Field(min_length=1, max_length=2000)

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({item.staff_key for item in self.items}) != len(self.items):
            raise ValueError("同一人出现多次 / somebody stands twice")
        return self


class EnrollmentOut(BaseModel):
    """Somebody in a program."""

    staff_key: str
    school_code: str
    county_code: str
    state: EnrollmentState
    hours_attended: Decimal
    completed_on: dt.date | None
    has_rated: bool
    version: int


class EnrollmentsOut(BaseModel):
    """People of a program after a step."""

    items: list[EnrollmentOut]


class OwnEnrollmentOut(EnrollmentOut):
    """The caller in a program."""

    program: str
    title: str


class RatingIn(Strict):
    """A participant's points, 1 to 5."""

    content: Points
    teaching: Points
    organization: Points
    usefulness: Points


class ItemRatingOut(BaseModel):
    """The mean of one item with its interval."""

    item: RatedItem
    mean: float
    ci: tuple[float, float]


class RatingsOut(BaseModel):
    """What participants thought; no items below the least number of raters."""

    least_raters: int
    n: int
    completed_count: int
    items: list[ItemRatingOut]


class RecordOut(BaseModel):
    """A completed training; ``repeats`` names the record that counts in its place."""

    id: uuid.UUID
    source: str
    record_code: str
    title: str
    level: TrainingLevel
    hours: Decimal
    completed_on: dt.date
    repeats: uuid.UUID | None


class VoidIn(Strict):
    """Why a record does not count."""

    reason: Reason


class TakenOut(BaseModel):
    """What a file did, or would do."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    sha256: str


def program_out(row: TrainingProgram) -> ProgramOut:
    """A program as callers see it."""
    kept = {name: getattr(row, name) for name in ProgramIn.model_fields}
    state = ProgramState(row.state)
    return ProgramOut(**kept, code=row.code, organization=code_of(row.org_path), state=state, version=row.version)


def enrollment_out(row: TrainingEnrollment) -> EnrollmentOut:
    """Somebody in a program as callers see them."""
    return EnrollmentOut.model_validate(row, from_attributes=True)


def record_out(row: TrainingRecord, repeats: str | None) -> RecordOut:
    """A record as callers see it."""
    kept = {name: getattr(row, name) for name in RecordOut.model_fields if name != "repeats"}
    return RecordOut(**kept, repeats=None if repeats is None else uuid.UUID(repeats))
