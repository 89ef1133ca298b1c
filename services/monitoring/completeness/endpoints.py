"""Routes of completeness: the live board, the reconciliation, sealing."""

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from services.monitoring.completeness import service
from services.monitoring.completeness.board import board
from services.monitoring.completeness.schemas import CompletenessOut, ReconciliationOut
from services.monitoring.exams import repository as exams
from services.monitoring.exams.schemas import ExamCode, ExamOut, SealIn, exam_out
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.etag import etag, not_modified
from shared.kernel.web.paging import Paging
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["completeness"])
sealing = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["exams"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("completeness.read"))]
Reconciler = Annotated[Actor, Depends(PERMISSIONS.requires("reconciliation.read"))]
Leader = Annotated[Actor, Depends(PERMISSIONS.requires("exams.advance"))]
Level = Annotated[
    Literal["county", "school"] | None, Query(description="区县或学校；学校只见本校 / schools see themselves")
]
County = Annotated[str | None, Query(max_length=6, description="只列该区县的学校 / schools of this county only")]


@router.get("/completeness", response_model=CompletenessOut, summary="采集进度 / How complete the collection is, live")
async def read_completeness(
    code: ExamCode,
    request: Request,
    session: Session,
    actor: Reader,
    page: Paging,
    level: Level = None,
    county_code: County = None,
) -> Response:
    exam = await exams.exam_by_code(session, actor, code)
    found = await board(session, actor, exam, page, level=level, county_code=county_code)
    body = found.model_dump_json().encode()
    tag = etag(hashlib.sha256(body).hexdigest()[:32])
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    return not_modified(request, tag) or Response(body, media_type="application/json", headers=headers)


@router.get("/reconciliation", summary="核对名单与成绩 / Reconcile roster, candidates and marks")
async def read_reconciliation(
    code: ExamCode, request: Request, session: Session, actor: Reconciler
) -> ReconciliationOut:
    exam = await exams.exam_by_code(session, actor, code)
    return await service.reconcile(session, kernel_of(request).columns, exam=exam, actor=actor)


@sealing.post("/{code}:seal", summary="封存 / Seal the collection")
async def seal_exam(code: ExamCode, body: SealIn, request: Request, session: Session, actor: Leader) -> ExamOut:
    exam = await exams.exam_for_update(session, actor, code)
    store = kernel_of(request).columns
    exam = await service.seal(session, store, exam=exam, actor=actor, accept_reason=body.accept_reason)
    await session.refresh(exam)
    return exam_out(exam, actor)
