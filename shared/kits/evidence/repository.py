"""Evidence in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select, func, or_, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.virus_scan import ScanState
from shared.kits.evidence.tables import EvidenceFile
from shared.kits.subject import Subject, is_private, rows_about, rows_of
from shared.terms.actor import Actor

E = TypeVar("E", bound=EvidenceFile)
DUPLICATES_SHOWN = 20
_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:subject, 4))")


async def hold_subject(session: AsyncSession, subject: Subject) -> None:
    """Until commit nobody else attaches a file to the same thing."""
    await session.execute(_HOLD, {"subject": f"{subject.type}\n{subject.key}"})


async def attached_size(session: AsyncSession, table: type[E], subject: Subject) -> tuple[int, int]:
    """How many files a thing has, and their bytes; withdrawn ones count no more."""
    statement = rows_about(table, subject).where(table.withdrawn_at.is_(None))
    counted = statement.with_only_columns(func.count(), func.coalesce(func.sum(table.size), 0))
    count, size = (await session.execute(counted)).one()
    return int(count), int(size)


async def same_file(session: AsyncSession, table: type[E], subject: Subject, sha256: str) -> E | None:
    """The file of this content that the thing has already."""
    statement = rows_about(table, subject).where(table.sha256 == sha256, table.withdrawn_at.is_(None))
    return (await session.scalars(statement.limit(1))).first()


async def duplicates_of(session: AsyncSession, table: type[E], actor: Actor, row: EvidenceFile) -> Sequence[E]:
    """Other files of the same content in the actor's sight, the oldest first; none of a private table."""
    if is_private(table):
        return ()
    statement = rows_of(table, actor).where(table.sha256 == row.sha256, table.id != row.id)
    return (await session.scalars(statement.order_by(table.id).limit(DUPLICATES_SHOWN))).all()


async def scan_states(session: AsyncSession, table: type[E], actor: Actor, *, before: dt.datetime) -> Sequence[str]:
    """Hashes of files nobody has looked at, and of clean ones last looked at before a moment, some of them."""
    stale = (table.scan_state == ScanState.CLEAN) & (table.scanned_at < before)
    statement = rows_of(table, actor).where(or_(table.scan_state == ScanState.NOT_SCANNED, stale))
    hashes = statement.with_only_columns(table.sha256).distinct().order_by(table.sha256).limit(500)
    return [str(sha256) for (sha256,) in await session.execute(hashes)]


async def rows_of_content(session: AsyncSession, table: type[E], actor: Actor, sha256: str) -> Sequence[E]:
    """Every row of one content, locked."""
    statement = rows_of(table, actor).where(table.sha256 == sha256).with_for_update()
    return (await session.scalars(statement)).all()


async def named_blobs(
    session: AsyncSession, table: type[E], actor: Actor, *, erased: Select[uuid.UUID] | None = None
) -> set[str]:
    """Content names that rows hold, but for withdrawn ones whose content was erased."""
    statement = rows_of(table, actor)
    if erased is not None:
        statement = statement.where(or_(table.withdrawn_at.is_(None), table.id.not_in(erased)))
    hashes = statement.with_only_columns(table.sha256).distinct()
    return {str(sha256) for (sha256,) in await session.execute(hashes)}
