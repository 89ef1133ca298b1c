"""Reading large uploads in the background."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from services.monitoring.exams.repository import exam_by_id
from services.monitoring.intake.door import Door, Intake
from services.monitoring.intake.repository import upload_of_job
from services.monitoring.intake.service import put_in_force, read_or_refuse
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.store.incoming import IncomingFiles
from shared.kernel.web.upload import SpooledFile


def upload_job(door: Door) -> JobKind:
    """The job that reads, checks and takes in an upload through a door, for the organization that sent it."""

    async def run(context: JobContext) -> None:
        await _read_upload(context, door)

    return JobKind(door.job, run)


async def _read_upload(context: JobContext, door: Door) -> None:
    upload_id, exam_id = uuid.UUID(context.args["upload_id"]), uuid.UUID(context.args["exam_id"])
    incoming = IncomingFiles(context.kernel.columns.root / "incoming")
    actor = dataclasses.replace(context.actor, org=context.args["org"])
    await context.progress(0, 2, "reading")
    async with context.commit() as session:
        exam = await exam_by_id(session, exam_id)
        upload = await upload_of_job(session, upload_id)
    intake = Intake(
        kernel=context.kernel,
        actor=actor,
        exam=exam,
        subject=upload.subject,
        school_code=upload.school_code,
        dry_run=upload.dry_run,
    )
    file = SpooledFile(incoming.path(upload_id), upload.size, upload.body_sha256, upload.format)
    async with context.kernel.database.transaction("") as session:
        stored, _ = await read_or_refuse(session, door, intake, file)
    await context.progress(1, 2, "storing")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        locked = dataclasses.replace(intake, exam=await exam_by_id(session, exam_id))
        record = await upload_of_job(session, upload_id)
        await put_in_force(session, door, locked, stored, file, upload=record)
        result |= {"upload_id": str(upload_id), "outcome": record.outcome, "rows": stored.read.row_count}
    incoming.discard(upload_id)
