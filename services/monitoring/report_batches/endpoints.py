"""Routes of batches of printed reports."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from services.monitoring.exams.repository import exam_by_code
from services.monitoring.exams.schemas import ExamCode
from services.monitoring.permissions import PERMISSIONS
from services.monitoring.report_batches import repository, service
from services.monitoring.report_batches.archive import archive_path
from services.monitoring.report_batches.schemas import ReportBatchIn, ReportBatchOut, batch_out
from services.monitoring.results.answers import CHECKSUM_HEADER, PRIVATE
from services.monitoring.results.service.read import open_results
from shared.kernel.context import kernel_of
from shared.kernel.jobs.endpoints import JobOut, job_accepted
from shared.kernel.web.route import Session, TransactionalRoute
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

router = APIRouter(route_class=TransactionalRoute, prefix="/exams", tags=["reports"])
Asker = Annotated[Actor, Depends(PERMISSIONS.requires("reports.batch"))]
ZIP = "application/zip"
FILE: dict[int | str, dict[str, Any]] = {200: {"description": "PDF 报告压缩包 / the archive", "content": {ZIP: {}}}}


@router.post(
    "/{code}/reports:batch",
    status_code=202,
    response_model=JobOut,
    summary="批量生成报告 / Print the reports of one's schools",
)
async def ask_reports(
    code: ExamCode, body: ReportBatchIn, request: Request, session: Session, actor: Asker
) -> JSONResponse:
    reading = await open_results(session, code=code, actor=actor, version=None)
    _, job = await service.ask_batch(
        session, reading=reading, actor=actor, subjects=body.subjects, school_codes=body.school_codes
    )
    return job_accepted(request, job)


@router.get("/{code}/report-batches/{batch_id}", summary="查询批量报告 / Read a batch of one's own")
async def read_batch(code: ExamCode, batch_id: uuid.UUID, session: Session, actor: Asker) -> ReportBatchOut:
    exam = await exam_by_code(session, actor, code)
    return batch_out(await repository.own_batch(session, actor, exam, batch_id), code)


@router.get(
    "/{code}/report-batches/{batch_id}/archive",
    response_class=Response,
    responses=FILE,
    summary="下载批量报告 / Download the archive of one's own batch",
)
async def download_batch(
    code: ExamCode, batch_id: uuid.UUID, request: Request, session: Session, actor: Asker
) -> FileResponse:
    batch = await service.finished_batch(session, code=code, actor=actor, batch_id=batch_id)
    path = archive_path(kernel_of(request).columns.root, batch.id)
    if not path.exists():
        raise DomainError("resource.not_found", params={"what": f"archive of report batch {batch_id}"})
    headers = PRIVATE | {CHECKSUM_HEADER: str(batch.sha256)}
    return FileResponse(path, media_type=ZIP, filename=f"{code}-{batch.result_version}-reports.zip", headers=headers)
