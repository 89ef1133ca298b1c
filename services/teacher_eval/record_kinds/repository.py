"""Catalogs of kinds of records in the database."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.tables import RecordCatalog
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:what, 11))")


async def hold(session: AsyncSession, what: str) -> None:
    """Until commit nobody else passes here with the same name."""
    await session.execute(_HOLD, {"what": what})


async def newest(session: AsyncSession, actor: Actor) -> RecordCatalog | None:
    """The newest version that reaches the actor; that of the nearest organization where there are several."""
    c = RecordCatalog
    return (await session.scalars(visible(c, actor).order_by(c.org_path.desc(), c.number.desc()).limit(1))).first()
