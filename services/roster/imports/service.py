"""Uploads: taken in at once when small, as a job when large; every file leaves an import with its verdict."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.imports.reading import Upload, all_faults
from services.roster.imports.repository import forget_bodies
from services.roster.imports.tables import Import, ImportState
from services.roster.intake.collection import Collection, Intake
from services.roster.intake.take_in import Options, Verdict, take_in
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.receipt import signed_receipt
from shared.kernel.tabular.faults import FaultTable
from shared.terms.actor import Actor, Role

JOB_KIND = "import"
BODIES_KEPT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Received:
    """An upload as it arrived: its format, the hash of its body, and how it is to be taken in."""

    kind: str
    sha256: str
    options: Options


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of an upload."""

    verdict: Verdict
    faults: FaultTable
    state: ImportState


async def judge(intake: Intake, collection: Collection[Any], upload: Upload, options: Options) -> Judged:
    """Takes an upload in, or refuses it."""
    verdict = await take_in(intake, collection, upload.rows, faults=upload.faults, options=options)
    faults = await asyncio.to_thread(all_faults, upload, verdict.faults)
    return Judged(verdict, faults, _state(verdict, options))


def _state(verdict: Verdict, options: Options) -> ImportState:
    if options.dry_run:
        return ImportState.CHECKED
    return ImportState.REFUSED if verdict.is_refused else ImportState.APPLIED


def receipt_of(
    intake: Intake, collection: Collection[Any], received: Received, judged: Judged, *, import_id: uuid.UUID | None
) -> dict[str, Any]:
    """The signed proof of what was received and what came of it."""
    content = {
        "service": "roster",
        "collection": collection.name,
        "import_id": str(import_id) if import_id else None,
        "client": intake.actor.client,
        "received_at": clock.now().isoformat(timespec="milliseconds"),
        "body_sha256": received.sha256,
        "format": received.kind,
        "dry_run": received.options.dry_run,
        "atomic": received.options.atomic.value,
        "outcome": judged.state.value,
        "counts": judged.verdict.counts,
        "fault_count": judged.faults.count,
    }
    return signed_receipt(content, intake.settings.key("receipt_key"))


def new_import(
    intake: Intake, collection: Collection[Any], received: Received, *, row_count: int, body: bytes | None
) -> Import:
    """An import that has just arrived, added to the session."""
    row = Import(
        id=new_id(),
        org_path=intake.actor.org,
        collection=collection.name,
        format=received.kind,
        state=ImportState.RECEIVED,
        dry_run=received.options.dry_run,
        atomic=received.options.atomic,
        actor=_actor_document(intake.actor),
        body_sha256=received.sha256,
        body_sealed=intake.personal.sealed_body(body) if body is not None else None,
        row_count=row_count,
        counts={},
        created_at=clock.now(),
    )
    intake.session.add(row)
    return row


def conclude(intake: Intake, collection: Collection[Any], received: Received, row: Import, *, judged: Judged) -> None:
    """Writes the verdict into the import; the body is kept only when there are faults to mark in it."""
    row.state = judged.state
    row.counts = judged.verdict.counts
    row.fault_count = judged.faults.count
    row.receipt = receipt_of(intake, collection, received, judged, import_id=row.id)
    row.finished_at = clock.now()
    row.version = (row.version or 1) + 1
    if judged.faults:
        buffer = io.BytesIO()
        judged.faults.frame.write_parquet(buffer)
        row.faults = buffer.getvalue()
    else:
        row.body_sealed = None
    detail = {"collection": row.collection, "rows": row.row_count, "faults": row.fault_count, **row.counts}
    note(intake.session, intake.actor, f"import.{judged.state}", str(row.id), detail)


async def hand_over(intake: Intake, row: Import) -> Job:
    """Leaves a large upload to the worker. Jobs of one organization run in the order asked."""
    await intake.session.flush()
    job = await enqueue(
        intake.session,
        intake.actor,
        JOB_KIND,
        args={"import_id": str(row.id)},
        org_path=intake.actor.org,
        lock=f"import:{intake.actor.org}",
    )
    row.job_id = job.id
    return job


def faults_of(row: Import) -> FaultTable:
    """The faults an import was left with."""
    found = FaultTable()
    if row.faults is not None:
        frame = pl.read_parquet(io.BytesIO(row.faults))
        named = frame.filter(pl.col("row").is_not_null()).select("row", "source_id").unique(subset="row")
        found = FaultTable(source_ids=named)
        found.add_frame(frame)
    return found


def actor_of(document: Mapping[str, Any]) -> Actor:
    """The sender of an import, as the job acts for."""
    roles = frozenset(Role(role) for role in document["roles"])
    scopes = frozenset(document["scopes"])
    return Actor(document["subject"], document["client"], roles, scopes, document["org"], document.get("person"))


def _actor_document(actor: Actor) -> dict[str, Any]:
    return {
        "subject": actor.subject,
        "client": actor.client,
        "roles": sorted(actor.roles),
        "scopes": sorted(actor.scopes),
        "org": actor.org,
        "person": actor.person,
    }


async def forget_old_bodies(session: AsyncSession) -> int:
    """Drops bodies kept for marking once their week is over; returns how many. For the service's own scope."""
    return await forget_bodies(session, before=clock.now() - BODIES_KEPT)
