"""Corrections as callers ask for, decide and read them."""

import datetime as dt
import uuid

from pydantic import BaseModel, Field

from services.monitoring.corrections.rules import LIFE, CorrectionState
from services.monitoring.corrections.tables import Correction
from services.monitoring.exams.fields import Strict
from services.monitoring.exams.schemas import WindowIn
from services.monitoring.permissions import CORRECTION_STEPS, PERMISSIONS
from shared.terms.actor import Actor


class CorrectionIn(Strict):
    """A school's request; it names columns and classes, never pupils."""

    school_code: str = Field(max_length=40)
    what: str = Field(min_length=5, max_length=500, description="更正内容，不写学生姓名 / what, without pupils' names")
    reason: str = Field(min_length=5, max_length=500)


class AcceptIn(WindowIn):
    """Granting a request: how long the school has for its new sheet."""

    reason: str | None = Field(default=None, min_length=5, max_length=500)


class CorrectionOut(BaseModel):
    """A request and what came of it."""

    id: uuid.UUID
    school_code: str
    county_code: str
    state: CorrectionState
    what: str
    reason: str
    sheet_sha256: str | None
    new_sheet_sha256: str | None
    asked_by: str
    asked_at: dt.datetime
    decided_by: str | None
    decided_at: dt.datetime | None
    decision_reason: str | None
    deadline_at: dt.datetime | None
    ended_at: dt.datetime | None
    actions: list[str]


def correction_out(row: Correction, actor: Actor) -> CorrectionOut:
    """A request as a caller sees it, with the steps the caller may take."""
    plain = {name: getattr(row, name) for name in CorrectionOut.model_fields if name != "actions"}
    steps = [step for step in LIFE.actions(CorrectionState(row.state)) if step in CORRECTION_STEPS]
    actions = [step for step in steps if PERMISSIONS.grants[CORRECTION_STEPS[step]].allows(actor)]
    return CorrectionOut(**plain, actions=actions)
