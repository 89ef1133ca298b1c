"""Routes of mark sheets: send, see what came of it, reconcile, seal."""

import asyncio
import io
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams import repository as exams
from services.monitoring.exams.schemas import ExamCode, ExamOut, SealIn, exam_out
from services.monitoring.mark_sheets import repository
from services.monitoring.mark_sheets.schemas import (
    MarkSheetOut,
    ReconciliationOut,
    UploadOut,
    mark_sheet_out,
    upload_out,
)
from services.monitoring.mark_sheets.service.accept import Taken, take_school_sheet, take_sheets
from services.monitoring.mark_sheets.service.receive import Intake
from services.monitoring.mark_sheets.service.reconcile import reconcile, seal
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.context import kernel_of
from shared.kernel.database.repository import visible
from shared.kernel.jobs.endpoints import RETRY_AFTER
from shared.kernel.tabular.error_files import write_error_csv
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.web.paging import Page, Paging, fetch_page
from shared.kernel.web.problems import fault_document, language_of, problem_response
from shared.kernel.web.route import Session, TransactionalRoute
from shared.kernel.web.upload import UploadedFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["mark sheets"])
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheets.read"))]
Writer = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheets.write"))]
Reconciler = Annotated[Actor, Depends(PERMISSIONS.requires("reconciliation.read"))]
Leader = Annotated[Actor, Depends(PERMISSIONS.requires("exams.advance"))]
DryRun = Annotated[bool, Query(description="只检查，不保存 / check only, store nothing")]


@router.put("/mark-sheets/{school_code}", response_model=UploadOut, summary="上传一校成绩 / Send one school's sheet")
async def put_mark_sheet(
    code: ExamCode,
    school_code: str,
    file: UploadedFile,
    request: Request,
    session: Session,
    actor: Writer,
    dry_run: DryRun = False,
) -> Response:
    exam = await exams.exam_by_code(session, actor, code)
    intake = Intake(kernel=kernel_of(request), actor=actor, exam=exam, school_code=school_code, dry_run=dry_run)
    taken = await take_school_sheet(session, intake, file)
    statuses = [item["status"] for item in taken.upload.report["schools"]]
    return _answer(request, taken, code, status=max(statuses, default=200))


@router.post("/mark-sheets:batch", response_model=UploadOut, summary="上传多校成绩 / Send many schools' sheets")
async def post_mark_sheets(
    code: ExamCode, file: UploadedFile, request: Request, session: Session, actor: Writer, dry_run: DryRun = False
) -> JSONResponse:
    exam = await exams.exam_by_code(session, actor, code)
    intake = Intake(kernel=kernel_of(request), actor=actor, exam=exam, school_code=None, dry_run=dry_run)
    taken = await take_sheets(session, intake, file)
    return _answer(request, taken, code, status=207 if taken.job is None else 202)


def _answer(request: Request, taken: Taken, code: str, *, status: int) -> JSONResponse:
    """The receipt; or, when nothing was accepted, a problem with the faults. Not raised: the upload's record is kept."""
    out = upload_out(taken.upload, code)
    if taken.faults and taken.upload.outcome == "refused":
        error = DomainError(
            "mark_sheet.faulty",
            faults=taken.faults,
            fault_count=out.fault_count,
            links={"errors_url": out.errors_url or "", "upload_id": str(out.id)},
        )
        return problem_response(request, error)
    headers = {"Location": out.job_url, "Retry-After": RETRY_AFTER} if out.job_url else None
    return JSONResponse(out.model_dump(mode="json"), status, headers)


@router.get("/mark-sheets", summary="已收成绩表 / Sheets in force")
async def list_mark_sheets(code: ExamCode, session: Session, actor: Reader, page: Paging) -> Page[MarkSheetOut]:
    exam = await exams.exam_by_code(session, actor, code)
    statement = visible(MarkSheet, actor).where(MarkSheet.exam_id == exam.id, MarkSheet.superseded_at.is_(None))
    return Page(**await fetch_page(session, statement, page, key=[MarkSheet.school_code], present=mark_sheet_out))


@router.get("/mark-sheets/{school_code}", summary="查询一校成绩表 / The sheet in force of one school")
async def read_mark_sheet(code: ExamCode, school_code: str, session: Session, actor: Reader) -> MarkSheetOut:
    exam = await exams.exam_by_code(session, actor, code)
    return mark_sheet_out(await repository.visible_sheet(session, actor, exam, school_code))


@router.get("/uploads/{upload_id}", summary="查询上传 / Read an upload")
async def read_upload(code: ExamCode, upload_id: uuid.UUID, session: Session, actor: Reader) -> UploadOut:
    exam = await exams.exam_by_code(session, actor, code)
    return upload_out(await repository.upload_by_id(session, actor, exam, upload_id), code)


@router.get("/uploads/{upload_id}/errors", summary="下载全部错误 / Every fault of an upload")
async def read_upload_errors(
    code: ExamCode,
    upload_id: uuid.UUID,
    request: Request,
    session: Session,
    actor: Reader,
    format: Annotated[Literal["csv", "json"], Query()] = "csv",
) -> Response:
    exam = await exams.exam_by_code(session, actor, code)
    upload = await repository.upload_by_id(session, actor, exam, upload_id)
    if upload.faults_sha256 is None:
        raise DomainError("resource.not_found", params={"what": f"errors of upload {upload_id}"})
    language = language_of(request.headers.get("accept-language"))
    faults = FaultTable()
    faults.add_frame(await asyncio.to_thread(kernel_of(request).columns.get, upload.faults_sha256))
    if format == "json":
        items = [fault_document(fault, language) for fault in faults.first(faults.count)]
        return JSONResponse({"items": items, "next_cursor": None})
    buffer = io.BytesIO()
    write_error_csv(faults, buffer, language=language)
    headers = {"Content-Disposition": f'attachment; filename="errors-{upload_id}.csv"'}
    return Response(buffer.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/reconciliation", summary="核对名单与成绩 / Reconcile roster, candidates and marks")
async def read_reconciliation(
    code: ExamCode, request: Request, session: Session, actor: Reconciler
) -> ReconciliationOut:
    exam = await exams.exam_by_code(session, actor, code)
    return await reconcile(session, kernel_of(request).columns, exam=exam, actor=actor)


sealing = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["exams"])


@sealing.post("/{code}:seal", summary="封存 / Seal the collection")
async def seal_exam(code: ExamCode, body: SealIn, request: Request, session: Session, actor: Leader) -> ExamOut:
    exam = await exams.exam_for_update(session, actor, code)
    store: Any = kernel_of(request).columns
    exam = await seal(session, store, exam=exam, actor=actor, accept_reason=body.accept_reason)
    await session.refresh(exam)
    return exam_out(exam, actor)
