"""Cancellations as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.archive_audits.schemas import Term
from services.student_eval.archive_cancellations.rules import CANCELLATION_LIFE, CancellationState
from services.student_eval.archive_cancellations.tables import RecordCancellation
from services.student_eval.guardianships.access import Side
from shared.kernel.web.fields import Document, Strict
from shared.kernel.web.organizations import code_of
from shared.kits.fields import Reason, Words
from shared.terms.actor import Actor
from shared.terms.organization import OrgLevel

_NEAR = (OrgLevel.SCHOOL, OrgLevel.CLASS)
StudentKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]


class CancellationIn(Strict):
    """That a record of a verified term is false."""

    student_key: StudentKey
    term: Term
    record: uuid.UUID
    reason: Reason


class StatementIn(Strict):
    """What the pupil says to it."""

    text: Words


class DecisionIn(Strict):
    """A decision with its reasons."""

    decision: Words


class ConfirmIn(DecisionIn):
    """A decision to cancel, with its document."""

    document: Document


class CancellationOut(BaseModel):
    """A cancellation; whose record it is stays with the school."""

    id: uuid.UUID
    organization: str
    student_key: str | None = Field(description="仅学校和本人可见 / for the school and the pupil alone")
    record: uuid.UUID
    term: str
    state: CancellationState
    steps: list[str]
    reason: str
    proposed_by_organization: str
    proposed_at: dt.datetime
    statement_until: dt.datetime
    statement: str | None
    stated_as: Side | None
    stated_at: dt.datetime | None
    decision: str | None
    document: str | None
    decided_at: dt.datetime | None
    version: int


def cancellation_out(row: RecordCancellation, actor: Actor) -> CancellationOut:
    """A cancellation as an actor reads it."""
    names = ("id", "term", "state", "reason", "proposed_at", "statement_until", "statement")
    more = ("stated_as", "stated_at", "decision", "document", "decided_at", "version")
    return CancellationOut(
        organization=code_of(row.org_path),
        student_key=row.student_key if actor.level in _NEAR else None,
        record=row.record_id,
        steps=list(CANCELLATION_LIFE.actions(CancellationState(row.state))),
        proposed_by_organization=code_of(row.proposed_org),
        **{name: getattr(row, name) for name in names + more},
    )
