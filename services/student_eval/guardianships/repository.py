"""Guardianships in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.guardianships.tables import Guardianship
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.kernel.database.scope import everywhere
from shared.terms.actor import Actor


def guardianships_of(
    actor: Actor, *, student_key: str | None = None, is_standing: bool | None = None
) -> Select[Guardianship]:
    """Guardianships at the actor's school."""
    g = Guardianship
    statement = visible(g, actor)
    if student_key is not None:
        statement = statement.where(g.student_key == student_key)
    if is_standing is not None:
        statement = statement.where(g.ended_on.is_(None) if is_standing else g.ended_on.is_not(None))
    return statement


async def guardianship_for_update(session: AsyncSession, actor: Actor, guardianship_id: uuid.UUID) -> Guardianship:
    """A guardianship at the actor's school, locked; raises ``resource.not_found``."""
    g = Guardianship
    return await one_visible_for_update(session, g, actor, g.id == guardianship_id, what="guardianship")


async def standing_of_guardian(session: AsyncSession, actor: Actor, guardian_key: str) -> Sequence[Guardianship]:
    """Whom somebody is guardian of, at whatever school they are."""
    g = Guardianship
    async with everywhere(session):
        statement = _everywhere(actor).where(g.guardian_key == guardian_key, g.ended_on.is_(None))
        return (await session.scalars(statement.order_by(g.student_key))).all()


async def standing_of_students(
    session: AsyncSession, actor: Actor, student_keys: Collection[str]
) -> Mapping[tuple[str, str], Guardianship]:
    """Guardianships that stand, of some pupils, by pupil and guardian; whichever school entered them."""
    g = Guardianship
    async with everywhere(session):
        statement = _everywhere(actor).where(g.student_key.in_(sorted(student_keys)), g.ended_on.is_(None))
        rows = (await session.scalars(statement.order_by(g.student_key, g.guardian_key))).all()
    return {(row.student_key, row.guardian_key): row for row in rows}


def _everywhere(actor: Actor) -> Select[Guardianship]:
    return visible(Guardianship, replace(actor, org=""))
