"""Which school keeps a pupil's archive: the one whose class the pupil is in now. The archive follows the pupil."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archives.tables import ArchiveKeeper
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.database.repository import visible
from shared.kernel.database.scope import everywhere
from shared.kernel.ids import new_id
from shared.terms.actor import Actor


async def kept_by(session: AsyncSession, actor: Actor, student_keys: Collection[str]) -> Mapping[str, str]:
    """Path of the school that keeps each pupil's archive, for pupils of the actor's organization alone."""
    k = ArchiveKeeper
    statement = visible(k, actor).where(k.student_key.in_(sorted(student_keys)))
    return {row.student_key: row.org_path for row in (await session.scalars(statement)).all()}


async def keep_at(session: AsyncSession, actor: Actor, org_path: str, student_keys: Collection[str]) -> int:
    """A school keeps these pupils' archives from now on; returns how many came from another school.

    Whoever calls this answers for it that the roster has them enrolled there.
    """
    k = ArchiveKeeper
    async with everywhere(session):
        known = select(k).where(k.student_key.in_(sorted(student_keys)))
        homes = {row.student_key: row.org_path for row in (await session.scalars(known)).all()}
        arriving = {key: homes.get(key) for key in sorted(student_keys) if homes.get(key) != org_path}
        if arriving:
            rows = [
                {"id": new_id(), "student_key": key, "org_path": org_path, "since": clock.now()} for key in arriving
            ]
            added = insert(k).values(rows)
            moved = {"org_path": added.excluded.org_path, "since": added.excluded.since}
            await session.execute(added.on_conflict_do_update(index_elements=[k.student_key], set_=moved))
    moves = {key: home for key, home in arriving.items() if home is not None}
    for key, home in moves.items():
        note(session, actor, "archive.moved", key, {"from": home, "to": org_path})
    return len(moves)
