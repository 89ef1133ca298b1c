"""Records as callers write and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from services.teacher_eval.teacher_records.rules import RecordState
from services.teacher_eval.teacher_records.tables import RecordVersion, TeacherRecord
from shared.kernel.web.fields import OwnCode, Reason, StaffKey, Strict
from shared.kernel.web.organizations import code_of

Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]


class EntryIn(Strict):
    """What a record says; which members are asked for its kind decides."""

    happened_on: dt.date = Field(description="发生、获得或开始的日期 / day it happened, was awarded or began")
    ends_on: dt.date | None = None
    category: OwnCode | None = None
    amount: Annotated[Decimal, Field(max_digits=9, decimal_places=2)] | None = None
    level: OwnCode | None = None
    grade: OwnCode | None = None
    title: Text | None = None
    issuer: Text | None = None
    author_rank: int | None = Field(default=None, description="署名次序 / place among the co-authors")
    author_count: int | None = None
    fields: dict[OwnCode, Text] = Field(default={}, max_length=30)


class RecordIn(EntryIn):
    """A new record: of oneself where nobody is named."""

    kind: OwnCode
    staff_key: StaffKey | None = None


class StepIn(Strict):
    """A step; whether it needs a reason is said where it does."""

    reason: Reason | None = None


class ReasonedIn(Strict):
    """A step that always needs a reason."""

    reason: Reason


class CertifyIn(Strict):
    """Many records to be certified at once; those with flags are looked at one by one."""

    records: list[uuid.UUID] = Field(min_length=1, max_length=500)


class FlagOut(BaseModel):
    """What looks doubled or impossible: never who."""

    kind: str
    score: float
    is_elsewhere: bool
    record: uuid.UUID | None = Field(
        default=None, description="本校的另一条记录 / the other record, of the same school"
    )
    detail: dict[str, Any] = {}


class RecordOut(BaseModel):
    """A record as it stands."""

    id: uuid.UUID
    staff_key: str
    organization: str
    kind: str
    state: RecordState
    happened_on: dt.date
    ends_on: dt.date | None
    category: str | None
    amount: Decimal | None
    level: str | None
    grade: str | None
    title: str | None
    issuer: str | None
    author_rank: int | None
    author_count: int | None
    fields: dict[str, Any]
    flags: list[FlagOut]
    source: str
    source_system: str | None
    source_id: str | None
    submitted_at: dt.datetime | None
    certified_at: dt.datetime | None
    version: int


class VersionOut(BaseModel):
    """A record as it once stood."""

    number: int
    action: str
    state: RecordState
    content: dict[str, Any]
    reason: str | None
    by: str
    at: dt.datetime


class RecordDetail(RecordOut):
    """A record with its history."""

    versions: list[VersionOut]


class CertifiedOut(BaseModel):
    """What became of one of many."""

    id: uuid.UUID
    is_certified: bool
    problem: str | None = None


class TakenOut(BaseModel):
    """What a file did, or would do."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    sha256: str


class PostsIn(Strict):
    """Posts to be taken over from the register, in office since a day."""

    starts_on: dt.date = Field(description="任职起始日，如学年第一天 / first day in office, e.g. of the school year")


class PostsOut(BaseModel):
    """Posts taken over."""

    created: int
    known: int


class LineOut(BaseModel):
    """One record in the working of figures: points before and after the share, exactly."""

    record: uuid.UUID
    kind: str
    happened_on: dt.date
    title: str | None
    standing: str
    base: str | None
    share: str | None
    points: str | None
    amount: str | None
    days: int


class FigureOut(BaseModel):
    """A figure of a person."""

    figure: str
    records: int
    uncapped: float
    value: float


class FiguresOut(BaseModel):
    """Every figure of a person's certified records in a period, with each record's part in it."""

    staff_key: str
    first_day: dt.date
    last_day: dt.date
    catalog_number: int
    catalog_sha256: str
    figures: list[FigureOut]
    lines: list[LineOut]


def record_out(row: TeacherRecord) -> RecordOut:
    """A record as readers get it."""
    return RecordOut(**_members(row))


def record_detail(row: TeacherRecord, versions: Sequence[RecordVersion]) -> RecordDetail:
    """A record with its history, oldest first."""
    told = [
        VersionOut(
            number=each.number,
            action=each.action,
            state=RecordState(each.state),
            content=each.content,
            reason=each.reason,
            by=code_of(each.by_org),
            at=each.at,
        )
        for each in versions
    ]
    return RecordDetail(**_members(row), versions=told)


def _members(row: TeacherRecord) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in RecordOut.model_fields if name not in ("organization", "flags")}
    return plain | {"organization": code_of(row.org_path), "flags": [FlagOut(**flag) for flag in row.flags]}
