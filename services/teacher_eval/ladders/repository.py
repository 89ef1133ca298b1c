"""Ladders in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ladders.tables import Ladder, LadderVersion
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


async def all_ladders(session: AsyncSession, actor: Actor) -> Sequence[Ladder]:
    """Every ladder the actor sees, by code."""
    return (await session.scalars(visible(Ladder, actor).order_by(Ladder.code))).all()


async def ladder_by_code(session: AsyncSession, actor: Actor, code: str) -> Ladder:
    """A ladder; raises ``resource.not_found``."""
    return await one_visible(session, Ladder, actor, Ladder.code == code, what=f"ladder {code}")


async def own_ladder_for_update(session: AsyncSession, actor: Actor, code: str) -> Ladder | None:
    """The actor's own ladder, locked, if there is one."""
    statement = visible(Ladder, actor).where(Ladder.code == code, Ladder.org_path == actor.org)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def versions_of(session: AsyncSession, actor: Actor, ladder: Ladder) -> Sequence[LadderVersion]:
    """Every version, oldest first."""
    statement = visible(LadderVersion, actor).where(LadderVersion.ladder_id == ladder.id)
    return (await session.scalars(statement.order_by(LadderVersion.number))).all()


async def version_by_number(session: AsyncSession, actor: Actor, ladder: Ladder, number: int) -> LadderVersion:
    """One version; raises ``resource.not_found``."""
    named = (LadderVersion.ladder_id == ladder.id, LadderVersion.number == number)
    return await one_visible(session, LadderVersion, actor, *named, what=f"ladder {ladder.code} {number}")
