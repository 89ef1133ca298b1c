"""Routes of exclusions: one, many, from a file; list and withdraw."""

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.exclusions import repository, service
from services.monitoring.exclusions.answers import list_answer, single_answer
from services.monitoring.exclusions.schemas import (
    ExclusionIn,
    ExclusionOut,
    ExclusionsIn,
    ExclusionsOut,
    exclusion_out,
)
from services.monitoring.exclusions.tables import Exclusion
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.terms.actor import Actor

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["exclusions"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("exclusions.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("exclusions.write"))]
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only, store nothing")]


@router.post(
    "/exclusions",
    status_code=201,
    response_model=ExclusionOut,
    summary="说明一名学生或一行 / Account for a pupil or a row",
)
async def post_exclusion(
    code: ExamCode, body: ExclusionIn, request: Request, session: Session, actor: Writer
) -> Response:
    exam = await exam_by_code(session, actor, code)
    listed = service.listed_items([body])
    done = await service.account(session, kernel_of(request), exam=exam, listed=listed, actor=actor)
    return await single_answer(session, actor, exam, done)


@router.post(
    "/exclusions:batch", status_code=207, response_model=ExclusionsOut, summary="批量说明（JSON） / Account for many"
)
async def post_exclusions(
    code: ExamCode, body: ExclusionsIn, request: Request, session: Session, actor: Writer, dry_run: DryRun = False
) -> JSONResponse:
    exam = await exam_by_code(session, actor, code)
    listed, kernel = service.listed_items(body.items), kernel_of(request)
    done = await service.account(session, kernel, exam=exam, listed=listed, actor=actor, dry_run=dry_run)
    return list_answer(request, done, is_file=False)


@router.post(
    "/exclusions:import",
    status_code=207,
    response_model=ExclusionsOut,
    summary="批量说明（CSV、XLSX） / Account for many by file",
)
async def import_exclusions(
    code: ExamCode, file: UploadedFile, request: Request, session: Session, actor: Writer, dry_run: DryRun = False
) -> JSONResponse:
    exam = await exam_by_code(session, actor, code)
    listed = await asyncio.to_thread(service.listed_file, file.path, file.format)
    kernel = kernel_of(request)
    done = await service.account(session, kernel, exam=exam, listed=listed, actor=actor, dry_run=dry_run)
    return list_answer(request, done, is_file=True)


@router.get("/exclusions", summary="已说明名单 / Exclusions in force")
async def list_exclusions(
    code: ExamCode,
    session: Session,
    actor: Reader,
    page: Paging,
    school_code: Annotated[str | None, Query(max_length=40)] = None,
    reason_code: Annotated[str | None, Query(max_length=40)] = None,
) -> Page[ExclusionOut]:
    exam = await exam_by_code(session, actor, code)
    statement = repository.exclusions_of(actor, exam)
    if school_code is not None:
        statement = statement.where(Exclusion.school_code == school_code)
    if reason_code is not None:
        statement = statement.where(Exclusion.reason_code == reason_code)
    return Page(**await fetch_page(session, statement, page, key=[Exclusion.id], present=exclusion_out))


@router.delete("/exclusions/{exclusion_id}", status_code=204, summary="撤销说明 / Withdraw an exclusion")
async def delete_exclusion(code: ExamCode, exclusion_id: uuid.UUID, session: Session, actor: Writer) -> Response:
    exam = await exam_by_code(session, actor, code)
    row = await repository.exclusion_for_update(session, actor, exam, exclusion_id)
    await service.withdraw_exclusion(session, exam=exam, exclusion=row, actor=actor)
    return Response(status_code=204)
