"""The log of archives in the database: read in order, added to one at a time per pupil."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.chain import Entry, EntryKind, linked
from services.student_eval.archives.state import ArchiveState, replayed
from services.student_eval.archives.tables import ArchiveEntry
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class Saying:
    """What is to be added: its kind, what it says, in which role, and what it is about."""

    kind: EntryKind
    payload: Mapping[str, Any]
    role: Role
    record_id: uuid.UUID | None = None
    term: str | None = None


async def append(session: AsyncSession, actor: Actor, student_key: str, org_path: str, saying: Saying) -> Entry:
    """Adds an entry to a pupil's chain. Whoever else adds to the same chain waits for this transaction."""
    await hold(session, student_key)
    entry = linked(
        await last_entry(session, student_key),
        student_key=student_key,
        kind=saying.kind,
        payload=saying.payload,
        by=actor.subject,
        by_role=saying.role,
        at=_written(clock.now()),
        record_id=saying.record_id,
        term=saying.term,
    )
    session.add(
        ArchiveEntry(
            org_path=org_path,
            student_key=entry.student_key,
            number=entry.number,
            kind=entry.kind,
            record_id=entry.record_id,
            term=entry.term,
            payload=entry.text,
            by=entry.by,
            by_role=entry.by_role,
            at=dt.datetime.fromisoformat(entry.at),
            previous_sha256=entry.previous_sha256,
            sha256=entry.sha256,
        )
    )
    await session.flush()
    # The hash stands in the chained audit log too: a chain that was rewritten whole is told by it.
    detail = {"number": entry.number, "sha256": entry.sha256}
    note(session, actor, f"archive.{entry.kind}", student_key, detail)
    key = {"student_key": student_key, "number": str(entry.number)}
    await record_changes(session, "archive_entries", Operation.UPSERTED, [(org_path, key)])
    return entry


async def hold(session: AsyncSession, student_key: str) -> None:
    """Keeps a pupil's chain for this transaction."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"archive:{student_key}", 0))))


async def last_entry(session: AsyncSession, student_key: str) -> Entry | None:
    """The last entry of a chain that is held."""
    e = ArchiveEntry
    statement = select(e).where(e.student_key == student_key).order_by(e.number.desc()).limit(1)
    row = (await session.scalars(statement)).one_or_none()
    return None if row is None else entry_of(row)


async def entries_of(session: AsyncSession, actor: Actor, student_key: str) -> list[Entry]:
    """A pupil's chain, from the first entry; empty for others' pupils."""
    statement = visible(ArchiveEntry, actor).where(ArchiveEntry.student_key == student_key)
    return [entry_of(row) for row in (await session.scalars(statement.order_by(ArchiveEntry.number))).all()]


async def archives_of(session: AsyncSession, actor: Actor, student_keys: Collection[str]) -> Mapping[str, ArchiveState]:
    """Archives of several pupils as they stand."""
    e = ArchiveEntry
    statement = visible(e, actor).where(e.student_key.in_(sorted(student_keys))).order_by(e.student_key, e.number)
    chains: dict[str, list[Entry]] = defaultdict(list)
    for row in (await session.scalars(statement)).all():
        chains[row.student_key].append(entry_of(row))
    return {student: replayed(entries) for student, entries in chains.items()}


def entry_of(row: ArchiveEntry) -> Entry:
    """A row as the chain knows it."""
    return Entry(
        student_key=row.student_key,
        number=row.number,
        kind=EntryKind(row.kind),
        record_id=row.record_id,
        term=row.term,
        text=row.payload,
        by=row.by,
        by_role=row.by_role,
        at=_written(row.at),
        previous_sha256=row.previous_sha256,
        sha256=row.sha256,
    )


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
