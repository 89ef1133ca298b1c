"""Photographs and papers of findings: by the school as long as it mends, by the office as long as it looks."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends

from services.school_eval.evidence.tables import Evidence
from services.school_eval.findings import repository
from services.school_eval.findings.rules import OPEN
from services.school_eval.permissions import PERMISSIONS
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def _reading(
    finding: uuid.UUID, session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("findings.read"))]
) -> Subject:
    row = await repository.finding_by_id(session, actor, finding)
    return Subject("finding", str(row.id), row.org_path, actor)


async def _writing(
    finding: uuid.UUID, session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("findings.comment"))]
) -> Subject:
    row = await repository.finding_by_id(session, actor, finding)
    if row.state not in OPEN:
        raise DomainError("finding.over", params={"state": row.state})
    return Subject("finding", str(row.id), row.org_path, actor)


router = evidence_router(
    Evidence, prefix="/findings/{finding}/evidence", name="finding", reader=_reading, writer=_writing
)
