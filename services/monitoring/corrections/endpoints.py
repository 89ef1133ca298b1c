"""Routes of corrections: a school asks, its county or the city decides."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from services.monitoring.corrections import repository, service
from services.monitoring.corrections.rules import CorrectionState
from services.monitoring.corrections.schemas import AcceptIn, CorrectionIn, CorrectionOut, correction_out
from services.monitoring.corrections.tables import Correction
from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode, ReasonIn
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}/corrections", tags=["corrections"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("corrections.read"))]
Asker = Annotated[Actor, Depends(PERMISSIONS.requires("corrections.ask"))]
Decider = Annotated[Actor, Depends(PERMISSIONS.requires("corrections.decide"))]


@router.post("", status_code=201, summary="申请更正 / Ask for a correction")
async def ask_correction(code: ExamCode, body: CorrectionIn, session: Session, actor: Asker) -> CorrectionOut:
    exam = await exam_by_code(session, actor, code)
    return correction_out(await service.ask_correction(session, exam=exam, body=body, actor=actor), actor)


@router.get("", summary="更正申请列表 / List corrections")
async def list_corrections(
    code: ExamCode,
    session: Session,
    actor: Reader,
    page: Paging,
    state: Annotated[CorrectionState | None, Query()] = None,
    school_code: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[CorrectionOut]:
    exam = await exam_by_code(session, actor, code)
    statement = repository.corrections_of(actor, exam)
    if state is not None:
        statement = statement.where(Correction.state == state)
    if school_code is not None:
        statement = statement.where(Correction.school_code == school_code)
    found = await fetch_page(
        session, statement, page, key=[Correction.id], present=lambda row: correction_out(row, actor)
    )
    return Page(**found)


@router.get("/{correction_id}", summary="查询更正申请 / Read a correction")
async def read_correction(code: ExamCode, correction_id: uuid.UUID, session: Session, actor: Reader) -> CorrectionOut:
    exam = await exam_by_code(session, actor, code)
    return correction_out(await repository.correction_by_id(session, actor, exam, correction_id), actor)


@router.post("/{correction_id}:accept", summary="同意更正，限期重报 / Grant it, with a deadline")
async def accept_correction(
    code: ExamCode, correction_id: uuid.UUID, body: AcceptIn, session: Session, actor: Decider
) -> CorrectionOut:
    exam = await exam_by_code(session, actor, code)
    row = await repository.correction_for_update(session, actor, exam, correction_id)
    row = await service.accept_correction(session, exam=exam, correction=row, body=body, actor=actor)
    return correction_out(row, actor)


@router.post("/{correction_id}:refuse", summary="不同意更正 / Refuse it, with a reason")
async def refuse_correction(
    code: ExamCode, correction_id: uuid.UUID, body: ReasonIn, session: Session, actor: Decider
) -> CorrectionOut:
    exam = await exam_by_code(session, actor, code)
    row = await repository.correction_for_update(session, actor, exam, correction_id)
    row = await service.refuse_correction(session, exam=exam, correction=row, reason=body.reason, actor=actor)
    return correction_out(row, actor)


@router.post("/{correction_id}:cancel", summary="撤回申请 / Take the request back")
async def cancel_correction(code: ExamCode, correction_id: uuid.UUID, session: Session, actor: Asker) -> CorrectionOut:
    exam = await exam_by_code(session, actor, code)
    row = await repository.correction_for_update(session, actor, exam, correction_id)
    return correction_out(await service.cancel_correction(session, exam=exam, correction=row, actor=actor), actor)
