"""Photographs and papers of visits: attached by those who rate, read by the office, and by the school once it is told."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends

from services.school_eval.evidence.tables import Evidence
from services.school_eval.permissions import PERMISSIONS
from services.school_eval.visits import repository
from services.school_eval.visits.rules import VisitState
from shared.kernel.web.route import Session
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.evidence.service import EvidenceLimits
from shared.kits.subject import Subject
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

#: Photographs of a whole day at a school.
LIMITS = EvidenceLimits(most_files=60)


async def _reading(
    visit: uuid.UUID, session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("visits.read"))]
) -> Subject:
    row = await repository.visit_by_id(session, actor, visit)
    return Subject("visit", str(row.id), row.org_path, actor)


async def _writing(
    visit: uuid.UUID, session: Session, actor: Annotated[Actor, Depends(PERMISSIONS.requires("visits.rate"))]
) -> Subject:
    row = await repository.visit_by_id(session, actor, visit)
    if row.state != VisitState.UNDER_WAY:
        raise DomainError("visit.not_under_way", params={"state": row.state})
    rater = await repository.rater_for_update(session, actor, row)
    if rater is None:
        raise DomainError("visit.not_sent")
    return Subject("visit", str(row.id), row.org_path, actor)


router = evidence_router(
    Evidence,
    prefix="/visits/{visit}/evidence",
    name="visit",
    reader=_reading,
    writer=_writing,
    limits=LIMITS,
)
