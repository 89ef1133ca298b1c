"""Process records as callers write and read them."""

import datetime as dt
import uuid

from pydantic import BaseModel, Field

from services.student_eval.development_records.rules import ProcessRecordKind, Writer
from services.student_eval.development_records.tables import ProcessRecord
from shared.kernel.web.fields import Strict
from shared.kits.fields import Words
from shared.kits.schemes.said import LeafCode


class ProcessRecordIn(Strict):
    """Something a pupil did."""

    kind: ProcessRecordKind = ProcessRecordKind.RECORD
    node: LeafCode = Field(description="关键指标或考查要点代码 / indicator or checkpoint")
    happened_on: dt.date
    text: Words


class ProcessRecordOut(BaseModel):
    """A record."""

    id: uuid.UUID
    student_key: str
    kind: ProcessRecordKind
    node: str
    indicator: str
    happened_on: dt.date
    text: str
    writer: Writer
    withdrawn_reason: str | None
    version: int
    created_at: dt.datetime


def record_out(row: ProcessRecord) -> ProcessRecordOut:
    """A record."""
    return ProcessRecordOut(**{name: getattr(row, name) for name in ProcessRecordOut.model_fields})
