"""Routes of uploads: what came of a file, and its faults."""

import asyncio
import io
import uuid
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.intake import repository
from services.monitoring.intake.schemas import UploadOut, upload_out
from services.monitoring.permissions import PERMISSIONS
from shared.kernel.audit.log import note
from shared.kernel.context import kernel_of
from shared.kernel.tabular.error_files import KeptSheet, mark_faults_in_xlsx, write_error_csv
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.web.problems import fault_document, language_of
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams/{code}", tags=["uploads"])
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Reader = Annotated[Actor, Depends(PERMISSIONS.requires("mark_sheets.read"))]


@router.get("/uploads/{upload_id}", summary="查询上传 / Read an upload")
async def read_upload(code: ExamCode, upload_id: uuid.UUID, session: Session, actor: Reader) -> UploadOut:
    exam = await exam_by_code(session, actor, code)
    return upload_out(await repository.upload_by_id(session, actor, exam, upload_id), code)


@router.get("/uploads/{upload_id}/errors", summary="下载全部错误 / Every fault of an upload")
async def read_upload_errors(
    code: ExamCode,
    upload_id: uuid.UUID,
    request: Request,
    session: Session,
    actor: Reader,
    format: Annotated[
        Literal["csv", "json", "xlsx"], Query(description="xlsx：原表副本，出错的单元格已标记 / a marked copy")
    ] = "csv",
) -> Response:
    exam = await exam_by_code(session, actor, code)
    upload = await repository.upload_by_id(session, actor, exam, upload_id)
    if upload.faults_sha256 is None:
        raise DomainError("resource.not_found", params={"what": f"errors of upload {upload_id}"})
    language, columns = language_of(request.headers.get("accept-language")), kernel_of(request).columns
    faults = FaultTable()
    faults.add_frame(await asyncio.to_thread(columns.get, upload.faults_sha256))
    if format == "json":
        items = [fault_document(fault, language) for fault in faults.first(faults.count)]
        return JSONResponse({"items": items, "next_cursor": None})
    buffer = io.BytesIO()
    if format == "csv":
        write_error_csv(faults, buffer, language=language)
    elif upload.copy_sha256 is None:
        raise DomainError("request.not_acceptable", params={"allowed": "csv, json"})
    else:
        kept = KeptSheet.of(await asyncio.to_thread(columns.get, upload.copy_sha256))
        await asyncio.to_thread(mark_faults_in_xlsx, kept, faults, buffer, language=language)
        note(session, actor, "upload.copy_read", str(upload.id), {"exam": code})
    headers = {"Content-Disposition": f'attachment; filename="errors-{upload_id}.{format}"', "Cache-Control": "private"}
    return Response(buffer.getvalue(), media_type=_TYPES[format], headers=headers)
