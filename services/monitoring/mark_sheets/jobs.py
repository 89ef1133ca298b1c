"""Reading large uploads in the background."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from sqlalchemy import select

from services.monitoring.exams.repository import exam_by_id
from services.monitoring.mark_sheets.service.accept import READ_UPLOAD_JOB
from services.monitoring.mark_sheets.service.receive import Intake, put_in_force, read_and_store
from services.monitoring.mark_sheets.tables import Upload
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.store.incoming import IncomingFiles
from shared.kernel.web.upload import SpooledFile


async def read_upload(context: JobContext) -> None:
    """Reads, checks and takes in the upload named in the arguments, for the organization that sent it."""
    upload_id, exam_id = uuid.UUID(context.args["upload_id"]), uuid.UUID(context.args["exam_id"])
    incoming = IncomingFiles(context.kernel.columns.root / "incoming")
    actor = dataclasses.replace(context.actor, org=context.args["org"])
    await context.progress(0, 2, "reading")
    async with context.commit() as session:
        exam = await exam_by_id(session, exam_id)
        upload = (await session.execute(select(Upload).where(Upload.id == upload_id))).scalar_one()
    intake = Intake(
        kernel=context.kernel, actor=actor, exam=exam, school_code=upload.school_code, dry_run=upload.dry_run
    )
    file = SpooledFile(incoming.path(upload_id), upload.size, upload.body_sha256, upload.format)
    async with context.kernel.database.transaction("") as session:
        stored = await read_and_store(session, intake, file.path, file.format)
    await context.progress(1, 2, "storing")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        locked = dataclasses.replace(intake, exam=await exam_by_id(session, exam_id))
        record = (await session.execute(select(Upload).where(Upload.id == upload_id))).scalar_one()
        await put_in_force(session, locked, stored, file, upload=record)
        result |= {"upload_id": str(upload_id), "outcome": record.outcome, "rows": stored.read.row_count}
    incoming.discard(upload_id)


READ_UPLOAD = JobKind(READ_UPLOAD_JOB, read_upload)
