"""What a sender gets back: one school's sheet at once, many schools' sheets at once or as a job."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import hold_exam, participant_of
from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets.schemas import upload_out
from services.monitoring.mark_sheets.service.receive import (
    Intake,
    StoredSheets,
    new_upload,
    put_in_force,
    read_and_store,
    require_collecting,
)
from services.monitoring.mark_sheets.tables import Upload
from shared.kernel.context import Kernel
from shared.kernel.jobs.endpoints import RETRY_AFTER
from shared.kernel.jobs.queue import enqueue
from shared.kernel.store.incoming import IncomingFiles
from shared.kernel.web.problems import problem_response
from shared.kernel.web.upload import SpooledFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

READ_UPLOAD_JOB = "read_upload"
#: Rows answered at once; larger files are read by a job.
ROWS_AT_ONCE = 1_000
#: Of a binary file the rows cannot be counted without reading it.
BYTES_AT_ONCE = 64 * 2**10
#: One school's sheet is always answered at once, unless it is larger than any school's could be.
SCHOOL_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class SchoolFile:
    """A received file and whom it concerns."""

    kernel: Kernel
    actor: Actor
    exam: Exam
    file: SpooledFile
    dry_run: bool


async def take_school_sheet(
    request: Request, session: AsyncSession, target: SchoolFile, school_code: str
) -> JSONResponse:
    """Takes one school's sheet whole or not at all.

    Returns:
        201 or 200 with the receipt; 422 with every fault, which is an answer and not an exception, because the record of
        the refused upload is kept.
    """
    if target.file.size > SCHOOL_BYTES:
        raise DomainError("request.too_large", params={"limit": SCHOOL_BYTES})
    intake = _intake(target, school_code)
    stored = await read_and_store(session, intake, target.file.path, target.file.format)
    upload = await _in_force(session, intake, stored, target.file)
    if stored.read.faults:
        return problem_response(request, _faulty(stored, upload, target.exam.code))
    out = upload_out(upload, target.exam.code)
    return JSONResponse(out.model_dump(mode="json"), max(item.status for item in out.items) if out.items else 200)


async def take_sheets(request: Request, session: AsyncSession, target: SchoolFile) -> JSONResponse:
    """Takes a file of many schools, each whole or not at all; small ones at once, others as a job."""
    intake = _intake(target, None)
    if not await asyncio.to_thread(_is_small, target.file):
        return await _as_job(session, intake, target)
    stored = await read_and_store(session, intake, target.file.path, target.file.format)
    upload = await _in_force(session, intake, stored, target.file)
    if not stored.read.sheets and stored.read.faults:
        return problem_response(request, _faulty(stored, upload, target.exam.code))
    return JSONResponse(upload_out(upload, target.exam.code).model_dump(mode="json"), 207)


def _intake(target: SchoolFile, school_code: str | None) -> Intake:
    return Intake(
        kernel=target.kernel,
        actor=target.actor,
        exam=target.exam,
        school_code=school_code,
        dry_run=target.dry_run,
    )


async def _in_force(session: AsyncSession, intake: Intake, stored: StoredSheets, file: SpooledFile) -> Upload:
    # Held until commit: the exam cannot be sealed beneath us, and a school's sheets are taken one at a time.
    await hold_exam(session, intake.exam)
    for school_code in sorted(stored.read.sheets):
        await participant_of(session, intake.actor, intake.exam, school_code)
    return await put_in_force(session, intake, stored, file)


async def _as_job(session: AsyncSession, intake: Intake, target: SchoolFile) -> JSONResponse:
    require_collecting(intake.exam)
    upload = new_upload(intake, target.file)
    incoming = IncomingFiles(target.kernel.columns.root / "incoming")
    await asyncio.to_thread(incoming.keep, target.file.path, upload.id)
    args = {"upload_id": str(upload.id), "exam_id": str(intake.exam.id), "org": intake.actor.org}
    job = await enqueue(
        session, intake.actor, READ_UPLOAD_JOB, args=args, org_path=intake.actor.org, lock=f"exam-{intake.exam.id}"
    )
    upload.job_id = job.id
    session.add(upload)
    await session.flush()
    headers = {"Location": f"/api/v1/monitoring/jobs/{job.id}", "Retry-After": RETRY_AFTER}
    return JSONResponse(upload_out(upload, target.exam.code).model_dump(mode="json"), 202, headers)


def _is_small(file: SpooledFile) -> bool:
    if file.format not in ("csv", "ndjson"):
        return file.size <= BYTES_AT_ONCE
    lines = 0
    with file.path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            lines += chunk.count(b"\n")
            if lines > ROWS_AT_ONCE + 1:
                return False
    return True


def _faulty(stored: StoredSheets, upload: Upload, exam_code: str) -> DomainError:
    faults = stored.read.faults
    links = {"errors_url": f"/api/v1/monitoring/exams/{exam_code}/uploads/{upload.id}/errors"}
    shown = faults.first()
    return DomainError("mark_sheet.faulty", faults=shown, fault_count=faults.count, links=links)
