"""The job that takes in a large upload."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from services.roster.collections import collection_named
from services.roster.imports.reading import Upload, read_body
from services.roster.imports.repository import allow_long_work, import_of_job
from services.roster.imports.service import JOB_KIND, Received, actor_of, conclude, faults_of, judge
from services.roster.imports.tables import Import, ImportState
from services.roster.intake.collection import Collection, Intake
from services.roster.intake.personal import PersonalKeys
from services.roster.intake.take_in import Atomic, Options
from shared.kernel.database.scope import set_org_scope
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.terms.errors import DomainError

LONGEST_SECONDS = 1_800


async def run_import(context: JobContext) -> None:
    """Takes in the import named in the job's arguments; a run after a finished one only repeats its verdict."""
    import_id = uuid.UUID(context.args["import_id"])
    async with context.commit() as session:
        row = await import_of_job(session, import_id)
    if row.state == ImportState.RECEIVED:
        row = await _taken_in(context, row)
    if row.state == ImportState.REFUSED:
        faults = faults_of(row)
        raise DomainError(
            "import.refused", params={"count": faults.count}, faults=faults.first(), fault_count=faults.count
        )
    async with context.final({"import_id": str(import_id), "state": row.state, "counts": row.counts}):
        pass


async def _taken_in(context: JobContext, row: Import) -> Import:
    collection, settings = collection_named(row.collection), context.kernel.settings
    await context.progress(0, row.row_count, "reading")
    upload = await asyncio.to_thread(_read, collection, row, PersonalKeys.of(settings))
    await context.progress(0, row.row_count, "taking in")
    actor = actor_of(row.actor)
    async with context.commit() as session:
        row = await import_of_job(session, row.id)
        await set_org_scope(session, actor.org)
        await allow_long_work(session, seconds=LONGEST_SECONDS)
        intake = Intake(session, actor, settings)
        received = Received(row.format, row.body_sha256, Options(row.dry_run, Atomic(row.atomic)))
        judged = await judge(intake, collection, upload, received.options)
        conclude(intake, collection, received, row, judged=judged)
    return row


def _read(collection: Collection[Any], row: Import, keys: PersonalKeys) -> Upload:
    if row.body_sealed is None:
        raise RuntimeError("a received import has no body")
    return read_body(collection, row.format, keys.opened_body(row.body_sealed))


IMPORT_JOB = JobKind(JOB_KIND, run_import)
