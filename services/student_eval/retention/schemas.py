"""Data past their time as callers read and decide on them."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.retention.tables import LegalHold, RetentionItem
from shared.kernel.web.fields import Document, Strict
from shared.kernel.web.organizations import code_of
from shared.kits.fields import Reason
from shared.policy.retention import Retention

PersonKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]


class ConfirmIn(Strict):
    """What is to be erased, and why one may: it was looked at, item by item."""

    items: list[uuid.UUID] = Field(min_length=1, max_length=200)
    reason: Reason


class KeepIn(ConfirmIn):
    """What is to be kept longer, until when, and why."""

    until: dt.date


class HoldIn(Strict):
    """An order to keep: of one pupil, or of everybody at the organization."""

    student_key: PersonKey | None = None
    reason: Reason
    document: Document


class RetentionOut(BaseModel):
    """How long a kind is kept."""

    code: str
    name: dict[str, str]
    counted_from: dict[str, str]
    months: int | None
    method: str
    document: str
    in_force_from: dt.date
    verified: bool


class RetentionPolicyOut(BaseModel):
    """How long everything is kept."""

    items: list[RetentionOut]


class ItemOut(BaseModel):
    """Something past its time."""

    id: uuid.UUID
    organization: str
    kind: str
    student_key: str | None
    sha256: str | None
    due_on: dt.date
    state: str
    is_held: bool
    kept_until: dt.date | None
    reason: str | None
    decided_at: dt.datetime | None
    version: int


class ItemsOut(BaseModel):
    """Things past their time."""

    items: list[ItemOut]


class HoldOut(BaseModel):
    """An order to keep."""

    id: uuid.UUID
    organization: str
    student_key: str | None
    reason: str
    document: str
    created_at: dt.datetime
    released_at: dt.datetime | None
    released_reason: str | None
    version: int


def retention_out(policy: Retention) -> RetentionOut:
    """How long a kind is kept."""
    return RetentionOut(**{name: getattr(policy, name) for name in RetentionOut.model_fields})


def item_out(row: RetentionItem, held: Collection[uuid.UUID]) -> ItemOut:
    """Something past its time."""
    names = [name for name in ItemOut.model_fields if name not in ("organization", "is_held")]
    return ItemOut(
        organization=code_of(row.org_path), is_held=row.id in held, **{name: getattr(row, name) for name in names}
    )


def hold_out(row: LegalHold) -> HoldOut:
    """An order to keep."""
    names = [name for name in HoldOut.model_fields if name != "organization"]
    return HoldOut(organization=code_of(row.org_path), **{name: getattr(row, name) for name in names})
