"""Sealed archives in the database."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.chain import Break, Entry, EntryKind, is_sound
from services.student_eval.archives.log import Archive
from services.student_eval.archives.tables import SealedArchive
from shared.kernel.database.scope import everywhere
from shared.terms.errors import DomainError


async def sealed_rows(session: AsyncSession, student_key: str) -> Sequence[SealedArchive]:
    """Sealed versions of an archive that the caller may see, oldest first, wherever they were sealed; sound or not."""
    s = SealedArchive
    statement = select(s).where(s.student_key == student_key).order_by(s.version_number)
    async with everywhere(session):
        return (await session.scalars(statement)).all()


async def sealed_of(session: AsyncSession, archive: Archive) -> Sequence[SealedArchive]:
    """Sealed versions of an archive, oldest first; raises ``archive.broken`` for what is not as it was sealed."""
    rows = await sealed_rows(session, archive.student_key)
    if broken := package_breaks(archive.entries, rows):
        raise DomainError("archive.broken", params={"place": f"version {broken[0].number}"})
    return rows


def package_breaks(entries: Sequence[Entry], sealed: Sequence[SealedArchive]) -> list[Break]:
    """Versions that are not what the chain says was sealed, and versions that are missing."""
    said = {
        entry.payload["version"]: entry.payload["package_sha256"]
        for entry in entries
        if entry.kind is EntryKind.SEALED and is_sound(entry)
    }
    held = {
        row.version_number: row.package_sha256
        for row in sealed
        if hashlib.sha256(row.package.encode()).hexdigest() == row.package_sha256
    }
    return [
        Break(number, "package") for number in sorted(said.keys() | held.keys()) if said.get(number) != held.get(number)
    ]
