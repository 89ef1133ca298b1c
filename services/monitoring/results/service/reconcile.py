"""Holding somebody's figures against ours, as a record that both sides can cite."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.results import repository
from services.monitoring.results.catalog import ResultTable
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reconciling import Reconciled, reconcile
from services.monitoring.results.service.read import Reading, open_results
from services.monitoring.results.tables import ResultReconciliation
from shared.kernel.audit import log as audit
from shared.kernel.store.columnar import StoredFile
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, is_within, path_level

MAX_ROWS = 100_000
_WHOLE = frozenset({OrgLevel.PROVINCE, OrgLevel.CITY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What was posted: figures as text, the hash of the body, and the digits they were rounded to."""

    rows: pl.DataFrame
    sha256: str
    digits: int | None


async def reconcile_results(
    session: AsyncSession, *, reading: Reading, frames: ResultFrames, table: ResultTable, posted: Posted, actor: Actor
) -> tuple[ResultReconciliation, pl.DataFrame]:
    """Compares, stores what differs, and notes it.

    Raises:
        DomainError: ``reconciliation.too_many_rows``, ``reconciliation.empty``, ``request.invalid``.
    """
    count = posted.rows.height
    if count > MAX_ROWS:
        raise DomainError("reconciliation.too_many_rows", params={"count": count, "limit": MAX_ROWS})
    if not count:
        raise DomainError("reconciliation.empty")

    def compared() -> tuple[Reconciled, StoredFile]:
        found = reconcile(frames, reading.question(table.name), posted.rows, digits=posted.digits)
        return found, frames.store.put(found.differences)

    found, file = await asyncio.to_thread(compared)
    exam_org = reading.exam.org_path
    record = ResultReconciliation(
        result_set_id=reading.result_set.id,
        table_name=table.name,
        digits=posted.digits,
        body_sha256=posted.sha256,
        row_count=count,
        counts=dict(found.counts),
        differences_sha256=file.sha256,
        # A province's record lies with the exam, where its city finds it too.
        org_path=actor.org if is_within(actor.org, exam_org) else exam_org,
        posted_org=actor.org,
        posted_by=actor.subject,
    )
    session.add(record)
    await session.flush()
    await session.refresh(record)
    detail: dict[str, Any] = {"id": str(record.id), "version": reading.result_set.version, "table": table.name}
    audit.note(session, actor, "results.reconciled", reading.exam.code, detail | {"counts": record.counts})
    return record, found.differences


async def reconciliation_of(
    session: AsyncSession, *, code: str, record_id: uuid.UUID, actor: Actor
) -> tuple[ResultReconciliation, Reading]:
    """A record that the caller may read, its own or one made of the same view; and the version it is about.

    City and province see the same figures, so each may read the other's. A school sees its small groups whole and an office
    does not: its records are its own.

    Raises:
        DomainError: ``resource.not_found``; ``results.withdrawn``: figures of a withdrawn version are not shown here either.
    """
    record = await repository.reconciliation_by_id(session, actor, record_id)
    result_set = await repository.result_set_by_id(session, actor, record.result_set_id)
    reading = await open_results(session, code=code, actor=actor, version=result_set.version)
    same_view = record.posted_org == actor.org or (actor.level in _WHOLE and is_whole(record))
    if reading.result_set.id != record.result_set_id or not same_view:
        raise DomainError("resource.not_found", params={"what": f"reconciliation {record_id}"})
    return record, reading


def is_whole(record: ResultReconciliation) -> bool:
    """Whether a record was made of the view of a whole city."""
    return path_level(record.posted_org) in _WHOLE
