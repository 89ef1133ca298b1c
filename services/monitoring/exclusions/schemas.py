"""Exclusions as callers give and read them."""

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.monitoring.exams.fields import Strict
from services.monitoring.exclusions.rules import NOTE_LENGTH, PUPIL_REASONS, ROW_REASONS
from services.monitoring.exclusions.tables import Exclusion

MOST_ITEMS = 5_000


class ExclusionIn(Strict):
    """A pupil of the roster without a row, by pupil number; or a row without a pupil, by candidate id."""

    school_code: str | None = Field(
        default=None, max_length=40, description="学校账号可省略 / may be left out by a school"
    )
    student_id: str | None = Field(default=None, min_length=1, max_length=40, description="学籍号 / pupil number")
    candidate_id: str | None = Field(default=None, min_length=1, max_length=40, description="考号 / candidate id")
    reason_code: str = Field(max_length=40, description="、".join(dict.fromkeys([*PUPIL_REASONS, *ROW_REASONS])))
    document_number: str | None = Field(default=None, max_length=120)
    note: str | None = Field(default=None, max_length=NOTE_LENGTH[1], description="说明，不写姓名 / without names")


class ExclusionsIn(Strict):
    """Many at once."""

    items: list[ExclusionIn] = Field(min_length=1, max_length=MOST_ITEMS)


class ExclusionOut(BaseModel):
    """An exclusion in force; the pupil under the roster's pseudonym."""

    id: uuid.UUID
    school_code: str
    county_code: str
    student_key: str | None
    candidate_id: str | None
    reason_code: str
    reason: str
    document_number: str | None
    note: str | None
    made_by: str
    made_at: dt.datetime


class ExclusionOutcome(BaseModel):
    """What came of one entry."""

    row: int
    status: int
    outcome: Literal["created", "replaced", "unchanged", "refused", "valid"]
    id: uuid.UUID | None


class ExclusionsOut(BaseModel):
    """What came of a list: sound entries are in force, faulty ones are told with every fault."""

    created: int
    replaced: int
    unchanged: int
    refused: int
    items: list[ExclusionOutcome]
    error_count: int
    errors: list[dict[str, Any]]


def exclusion_out(row: Exclusion) -> ExclusionOut:
    """An exclusion as callers see it."""
    names = PUPIL_REASONS if row.student_key is not None else ROW_REASONS
    plain = {name: getattr(row, name) for name in ExclusionOut.model_fields if name != "reason"}
    return ExclusionOut(reason=names[row.reason_code], **plain)
