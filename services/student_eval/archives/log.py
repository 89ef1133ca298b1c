"""The log of archives in the database: read whole by the school that keeps it, added to one at a time per pupil."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.chain import Entry, EntryKind, breaks_of, linked
from services.student_eval.archives.keepers import kept_by
from services.student_eval.archives.state import ArchiveState, add, replayed
from services.student_eval.archives.tables import ArchiveEntry
from services.student_eval.guardianships.access import reader_of
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.database.scope import everywhere
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Saying:
    """What is to be added: its kind, what it says, in which role, and what it is about."""

    kind: EntryKind
    payload: Mapping[str, Any]
    role: Role
    record_id: uuid.UUID | None = None
    term: str | None = None


@dataclass(frozen=True, slots=True)
class Archive:
    """A pupil's archive.

    Args:
        student_key: whose.
        org_path: the school that keeps it.
        entries: its chain, from the first.
        state: what the chain says.
    """

    student_key: str
    org_path: str
    entries: list[Entry]
    state: ArchiveState


async def archive_of(session: AsyncSession, actor: Actor, student_key: str) -> Archive:
    """A pupil's archive; raises ``resource.not_found`` for everybody else's, ``archive.broken``."""
    home, entries = await chain_of(session, actor, student_key)
    return _sound(student_key, home, entries)


async def archives_of(session: AsyncSession, actor: Actor, student_keys: Collection[str]) -> Mapping[str, Archive]:
    """Archives that schools within the actor's organization keep, by pupil; the others are left out.

    Raises:
        DomainError: ``archive.broken`` when one of them does not hold.
    """
    homes = await kept_by(session, actor, student_keys)
    chains = await _chains(session, homes)
    return await asyncio.to_thread(lambda: {key: _sound(key, home, chains[key]) for key, home in homes.items()})


async def chain_of(session: AsyncSession, actor: Actor, student_key: str) -> tuple[str, list[Entry]]:
    """Path of the school that keeps an archive, and its entries as they stand in the database, sound or not.

    Raises:
        DomainError: ``resource.not_found`` for everybody else's.
    """
    actor = await reader_of(session, actor, student_key)
    homes = await kept_by(session, actor, [student_key])
    if not homes:
        raise DomainError("resource.not_found", params={"what": f"archive {student_key}"})
    return homes[student_key], (await _chains(session, homes))[student_key]


async def _chains(session: AsyncSession, student_keys: Collection[str]) -> Mapping[str, list[Entry]]:
    e = ArchiveEntry
    statement = select(e).where(e.student_key.in_(sorted(student_keys))).order_by(e.student_key, e.number)
    chains: dict[str, list[Entry]] = defaultdict(list)
    # A chain is one, whichever schools its entries were made at.
    async with everywhere(session):
        for row in (await session.scalars(statement)).all():
            chains[row.student_key].append(entry_of(row))
    return chains


def _sound(student_key: str, home: str, entries: list[Entry]) -> Archive:
    # What was tampered with is never told as if it were true, nor built upon.
    if broken := breaks_of(entries):
        raise DomainError("archive.broken", params={"place": f"entry {broken[0].number}"})
    return Archive(student_key, home, entries, replayed(entries))


async def held(session: AsyncSession, actor: Actor, student_key: str) -> Archive:
    """A pupil's archive, to add to: whoever else would add to it waits for this transaction."""
    await _hold(session, [student_key])
    return await archive_of(session, actor, student_key)


async def all_held(session: AsyncSession, actor: Actor, student_keys: Collection[str]) -> Mapping[str, Archive]:
    """Archives of several pupils, to add to."""
    await _hold(session, student_keys)
    return await archives_of(session, actor, student_keys)


async def say(session: AsyncSession, actor: Actor, archive: Archive, saying: Saying) -> Entry:
    """Adds an entry to an archive that is held; its state follows."""
    entry = linked(
        archive.entries[-1] if archive.entries else None,
        student_key=archive.student_key,
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
            org_path=archive.org_path,
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
    # The hash stands in the chained audit log too: a chain that was rewritten whole is told by it.
    detail = {"number": entry.number, "sha256": entry.sha256}
    note(session, actor, f"archive.{entry.kind}", entry.student_key, detail)
    key = {"student_key": entry.student_key, "number": str(entry.number)}
    await record_changes(session, "archive_entries", Operation.UPSERTED, [(archive.org_path, key)])
    archive.entries.append(entry)
    add(archive.state, entry)
    return entry


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


async def _hold(session: AsyncSession, student_keys: Collection[str]) -> None:
    # In one order for everybody, so that two who hold a class do not wait for each other.
    names = literal([f"archive:{key}" for key in sorted(student_keys)], ARRAY(TEXT))
    each = func.unnest(names).column_valued("name")
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(each, 0))))


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")
