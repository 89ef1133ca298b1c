"""Taking in a file: one school's sheet at once, many schools' sheets at once or as a job."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.repository import hold_exam, participant_of
from services.monitoring.mark_sheets.service.receive import (
    Intake,
    StoredSheets,
    new_upload,
    put_in_force,
    read_and_store,
    require_collecting,
)
from services.monitoring.mark_sheets.tables import Upload
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.store.incoming import IncomingFiles
from shared.kernel.web.upload import SpooledFile
from shared.terms.errors import DomainError, Fault

READ_UPLOAD_JOB = "read_upload"
#: Rows answered at once; larger files are read by a job.
ROWS_AT_ONCE = 1_000
#: Of a binary file the rows cannot be counted without reading it; a thousand need at least this much.
BYTES_AT_ONCE = 16 * 2**10
#: One school's sheet is always answered at once, unless it is larger than any school's could be.
SCHOOL_BYTES = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a file.

    Args:
        upload: the record, with the receipt.
        faults: the first faults found.
        job: the job that will read the file, if it was too large to be read at once.
    """

    upload: Upload
    faults: tuple[Fault, ...] = ()
    job: Job | None = None


async def take_school_sheet(session: AsyncSession, intake: Intake, file: SpooledFile) -> Taken:
    """Takes one school's sheet whole or not at all; the record of a refused one is kept.

    Raises:
        DomainError: ``request.too_large``, and as :func:`read_and_store`.
    """
    if file.size > SCHOOL_BYTES:
        raise DomainError("request.too_large", params={"limit": SCHOOL_BYTES})
    return await _at_once(session, intake, file)


async def take_sheets(session: AsyncSession, intake: Intake, file: SpooledFile) -> Taken:
    """Takes a file of many schools, each whole or not at all; a large one as a job."""
    if await asyncio.to_thread(_is_small, file):
        return await _at_once(session, intake, file)
    return await _as_job(session, intake, file)


async def _at_once(session: AsyncSession, intake: Intake, file: SpooledFile) -> Taken:
    stored = await read_and_store(session, intake, file.path, file.format)
    await _hold(session, intake, stored)
    upload = await put_in_force(session, intake, stored, file)
    return Taken(upload, stored.read.faults.first())


async def _hold(session: AsyncSession, intake: Intake, stored: StoredSheets) -> None:
    """Until commit the exam cannot be sealed beneath us, and a school's sheets are taken one at a time."""
    await hold_exam(session, intake.exam)
    for school_code in sorted(stored.read.sheets):
        await participant_of(session, intake.actor, intake.exam, school_code)


async def _as_job(session: AsyncSession, intake: Intake, file: SpooledFile) -> Taken:
    require_collecting(intake.exam)
    upload = new_upload(intake, file)
    incoming = IncomingFiles(intake.kernel.columns.root / "incoming")
    await asyncio.to_thread(incoming.keep, file.path, upload.id)
    args = {"upload_id": str(upload.id), "exam_id": str(intake.exam.id), "org": intake.actor.org}
    job = await enqueue(
        session, intake.actor, READ_UPLOAD_JOB, args=args, org_path=intake.actor.org, lock=f"exam-{intake.exam.id}"
    )
    upload.job_id = job.id
    session.add(upload)
    await session.flush()
    return Taken(upload, job=job)


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
