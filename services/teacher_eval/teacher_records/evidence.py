"""Evidence of records: certificates, lists, photographs, known by their content."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends

from services.teacher_eval.evidence.tables import Evidence
from services.teacher_eval.permissions import PERMISSIONS
from services.teacher_eval.teacher_records.repository import SUBJECT, record_by_id
from services.teacher_eval.teacher_records.rules import Acting, RecordState, acting
from services.teacher_eval.teacher_records.service.reading import require_readable
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.evidence.service import EvidenceLimits
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

LIMITS = EvidenceLimits(most_files=10)
_OPEN = frozenset({RecordState.DRAFT, RecordState.RETURNED})


async def _reading(
    record: uuid.UUID, session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("records.read"))]
) -> Subject:
    row = await record_by_id(session, actor, record)
    require_readable(row, actor)
    return Subject(SUBJECT, str(row.id), row.org_path, actor)


async def _writing(
    record: uuid.UUID, session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("records.write"))]
) -> Subject:
    row = await record_by_id(session, actor, record)
    require_readable(row, actor)
    # What a file brought in has its papers added by the school until it is certified.
    is_school = acting(actor, row.staff_key) is Acting.SCHOOL
    if row.state not in _OPEN and not (is_school and row.state == RecordState.SUBMITTED):
        raise DomainError("record.evidence_closed", params={"state": row.state})
    return Subject(SUBJECT, str(row.id), row.org_path, actor)


router = evidence_router(
    Evidence,
    prefix="/records/{record}/evidence",
    name="record",
    reader=_reading,
    writer=_writing,
    limits=LIMITS,
)
