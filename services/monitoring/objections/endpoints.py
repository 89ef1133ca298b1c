"""Routes of objections to published results: the kits of appeals and of evidence, mounted."""

import uuid
from typing import Annotated

from fastapi import Depends, Request

from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.objections import service
from services.monitoring.objections.service import OBJECTIONS
from services.monitoring.objections.tables import Objection, ObjectionEvidence
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.route import Session
from shared.kits.appeals.endpoints import appeals_router
from shared.kits.appeals.sweeps import appeals_sweep
from shared.kits.calendar import calendar_for
from shared.kits.evidence.endpoints import evidence_router
from shared.kits.evidence.sweeps import evidence_sweeps
from shared.kits.subject import Subject, one_row
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.workflow.appeals import OPEN

Reader = Annotated[Actor, Depends(PERMISSIONS.requires("objections.read"))]
Objector = Annotated[Actor, Depends(PERMISSIONS.requires("objections.raise"))]
Handler = Annotated[Actor, Depends(PERMISSIONS.requires("objections.handle"))]


async def _read(code: ExamCode, session: Session, actor: Reader) -> Subject:
    exam = await exam_by_code(session, actor, code)
    return service.results_of(exam, actor, exam.org_path)


async def _own(code: ExamCode, session: Session, actor: Objector) -> Subject:
    return service.results_of(await exam_by_code(session, actor, code), actor, actor.org)


async def _objectionable(code: ExamCode, request: Request, session: Session, actor: Objector) -> Subject:
    calendar = calendar_for(kernel_of(request).settings, actor.org)
    return await service.objectionable(session, code=code, actor=actor, calendar=calendar)


async def _handled(code: ExamCode, session: Session, actor: Handler) -> Subject:
    exam = await exam_by_code(session, actor, code)
    return service.results_of(exam, actor, exam.org_path)


async def _evidence(appeal_id: uuid.UUID, session: Session, subject: Annotated[Subject, Depends(_read)]) -> Subject:
    row = await one_row(session, Objection, subject, appeal_id, what="objection")
    return Subject("objection", str(row.id), row.org_path, subject.actor)


async def _own_evidence(appeal_id: uuid.UUID, session: Session, subject: Annotated[Subject, Depends(_own)]) -> Subject:
    row = await one_row(session, Objection, subject, appeal_id, what="objection")
    if row.state not in OPEN:
        raise DomainError("appeal.over", params={"state": row.state})
    return Subject("objection", str(row.id), row.org_path, subject.actor)


router = appeals_router(
    OBJECTIONS,
    prefix="/exams/{code}/objections",
    name="objection",
    reader=_read,
    appellant=_own,
    submitter=_objectionable,
    handler=_handled,
    may_handle=PERMISSIONS.grants["objections.handle"].allows,
)
evidence = evidence_router(
    ObjectionEvidence,
    prefix="/exams/{code}/objections/{appeal_id}/evidence",
    name="objection",
    reader=_evidence,
    writer=_own_evidence,
)
SWEEPS = (appeals_sweep(OBJECTIONS), *evidence_sweeps(ObjectionEvidence))
