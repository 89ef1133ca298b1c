"""Printing a batch of reports as a job: one archive, shown as its asker may see it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from typing import Any

from services.monitoring.analyses.progress import ThreadProgress
from services.monitoring.report_batches import repository
from services.monitoring.report_batches.archive import Archive, archive_path, write_archive
from services.monitoring.report_batches.service import PRINT_BATCH_JOB, forget_expired
from services.monitoring.report_batches.tables import ReportBatch
from services.monitoring.reports.rules import ReportLevel, Scope
from services.monitoring.reports.service import Asked, own_item_sheet
from services.monitoring.results.frames import FrameCache, ResultFrames
from services.monitoring.results.repository import school_names
from services.monitoring.results.service.read import open_results
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.context import Kernel
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.sweep import Sweep
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


async def run(context: JobContext) -> None:
    """Prints the reports of one batch; running it again gives the same archive."""
    batch_id = uuid.UUID(context.args["batch_id"])
    async with context.kernel.database.transaction("") as session:
        batch = await repository.batch_by_id(session, batch_id)
    if batch is None:
        raise DomainError("resource.not_found", params={"what": f"report batch {batch_id}"})
    asked, printed_at = await _asked(context.kernel, batch, code=context.args["exam"])
    progress = ThreadProgress(context, asyncio.get_running_loop())

    def work() -> Archive:
        target = archive_path(context.kernel.columns.root, batch_id)
        return write_archive(
            target, asked, printed_at=printed_at, report=lambda done, total: progress.report(done, total, "printing")
        )

    try:
        archive = await asyncio.to_thread(work)
    finally:
        progress.stop()
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        stored = await repository.batch_by_id(session, batch_id)
        if stored is None:
            raise DomainError("resource.not_found", params={"what": f"report batch {batch_id}"})
        stored.sha256, stored.size, stored.report_count = archive.sha256, archive.size, archive.report_count
        stored.finished_at = clock.now()
        result |= {"batch": str(batch_id), "reports": archive.report_count, "sha256": archive.sha256}
        note(session, context.actor, "report_batch.printed", context.args["exam"], result)


async def _asked(kernel: Kernel, batch: ReportBatch, *, code: str) -> tuple[Mapping[str, Asked], int]:
    """The reports by file name, as the one who asked may see them now."""
    roles = frozenset(Role(name) for name in batch.roles)
    actor = Actor(batch.asked_by, "report-batch", roles, frozenset(), batch.org_path)
    async with kernel.database.transaction(actor.org) as session:
        reading = await open_results(session, code=code, actor=actor, version=batch.result_version)
        names = await school_names(session, actor, reading.exam)
        sheets = {subject: await own_item_sheet(session, reading, actor, subject=subject) for subject in batch.subjects}
    frames = ResultFrames(kernel.columns, FrameCache(), reading.files)
    asked = {
        f"{subject}/{school}.pdf": Asked(
            frames=frames,
            reading=reading,
            scope=Scope(level=ReportLevel.SCHOOL, school_code=school),
            subject=subject,
            names=names,
            item_sheet=sheets[subject],
        )
        for subject in batch.subjects
        for school in batch.school_codes
    }
    return asked, int(reading.result_set.published_at.timestamp())


PRINT_BATCH = JobKind(PRINT_BATCH_JOB, run)
EXPIRED_BATCHES = Sweep("report_batches", forget_expired)
