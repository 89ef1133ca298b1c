"""Imports in the database."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.roster.imports.tables import Import
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


async def one_import(session: AsyncSession, actor: Actor, import_id: uuid.UUID) -> Import:
    """An import of the actor's; raises ``resource.not_found``."""
    return await one_visible(session, Import, actor, Import.id == import_id, what=f"import {import_id}")


async def import_of_job(session: AsyncSession, import_id: uuid.UUID) -> Import:
    """The import a job is about, locked; in the service's own scope."""
    return (await session.execute(select(Import).where(Import.id == import_id).with_for_update())).scalar_one()


def imports_of(actor: Actor, *, collection: str | None = None, state: str | None = None) -> Select[Import]:
    """The actor's imports, filtered."""
    conditions = [
        Import.collection == collection if collection else None,
        Import.state == state if state else None,
    ]
    return visible(Import, actor).where(*(condition for condition in conditions if condition is not None))


async def allow_long_work(session: AsyncSession, *, seconds: int) -> None:
    """Lets this transaction take longer than a request may."""
    limit = f"{seconds}s"
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        await session.execute(select(func.set_config(setting, limit, True)))


async def forget_bodies(session: AsyncSession, *, before: dt.datetime) -> int:
    """Drops the sealed bodies of finished imports from before a moment; returns how many."""
    old = (Import.created_at < before, Import.body_sealed.is_not(None), Import.finished_at.is_not(None))
    forgotten = await session.execute(update(Import).where(*old).values(body_sealed=None).returning(Import.id))
    return len(forgotten.all())
