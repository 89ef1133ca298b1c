"""Spot checks as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from services.teacher_eval.record_checks.rules import CheckState, Outcome
from services.teacher_eval.record_checks.tables import CheckedRecord, RecordCheck
from shared.kernel.web.fields import OwnCode, Reason, Strict
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused

MAX_SEED = 2**63 - 1


class CheckIn(Strict):
    """A spot check: records certified in a time, of some kinds or all, and the share to look at."""

    code: OwnCode
    first: dt.date = Field(description="认定日期起 / first day of certification")
    last: dt.date
    kinds: list[OwnCode] = Field(default=[], max_length=100)
    rate: Annotated[float, Field(gt=0, le=1)] = Field(description="每校抽查比例 / share of every school, rounded up")

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.last < self.first:
            raise refused("record_check.period")
        return self


class DrawIn(Strict):
    """The draw: the seed was made after the frame was closed, before witnesses."""

    seed: int = Field(ge=0, le=MAX_SEED, description="封框后当众产生 / made in public after the frame was closed")
    witnessed_by: str = Field(min_length=2, max_length=200, description="见证部门或职务 / offices that witnessed it")
    frame_hash: str | None = Field(default=None, description="见证时宣读的指纹 / fingerprint read out before the seed")


class JudgeIn(Strict):
    """What was found of one record; overturned means revoked."""

    outcome: Outcome
    reason: Reason


class CheckOut(BaseModel):
    """A spot check."""

    organization: str
    code: str
    state: CheckState
    design: dict[str, object]
    frame_hash: str
    record_count: int
    closed_at: dt.datetime
    seed: int | None
    witnessed_by: str | None
    drawn_at: dt.datetime | None
    version: int


class CheckedOut(BaseModel):
    """A drawn record and what was found."""

    record: uuid.UUID
    school_code: str
    probability: float
    outcome: Outcome | None
    reason: str | None
    judged_at: dt.datetime | None
    version: int


class VerifiedOut(BaseModel):
    """Whether the draw, repeated from frame and seed, gives the same records."""

    is_verified: bool
    differences: list[str]


def check_out(row: RecordCheck) -> CheckOut:
    """A spot check as readers get it."""
    plain = {name: getattr(row, name) for name in CheckOut.model_fields if name != "organization"}
    return CheckOut(organization=code_of(row.org_path), **plain)


def checked_out(row: CheckedRecord) -> CheckedOut:
    """A drawn record as readers get it."""
    plain = {name: getattr(row, name) for name in CheckedOut.model_fields if name != "record"}
    return CheckedOut(record=row.record_id, **plain)
