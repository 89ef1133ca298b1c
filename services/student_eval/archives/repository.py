"""Archives in the database, beside their log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.tables import ArchiveEntry, SealedArchive
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def home_of(session: AsyncSession, actor: Actor, student_key: str) -> str:
    """Path of the school that keeps a pupil's archive; raises ``resource.not_found``."""
    e = ArchiveEntry
    statement = visible(e, actor).where(e.student_key == student_key).order_by(e.number.desc()).limit(1)
    row = (await session.scalars(statement)).one_or_none()
    if row is None:
        raise DomainError("resource.not_found", params={"what": f"archive {student_key}"})
    return row.org_path


async def sealed_of(session: AsyncSession, actor: Actor, student_key: str) -> Sequence[SealedArchive]:
    """Sealed versions of an archive, oldest first."""
    s = SealedArchive
    statement = visible(s, actor).where(s.student_key == student_key).order_by(s.version_number)
    return (await session.scalars(statement)).all()


async def newest_sealed(session: AsyncSession, actor: Actor, student_key: str) -> SealedArchive | None:
    """The version in force, if there is one."""
    versions = await sealed_of(session, actor, student_key)
    return versions[-1] if versions else None
