"""Campaigns in the database."""

from __future__ import annotations

import uuid

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.campaigns.tables import Campaign
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor

_HOLD = text("select pg_advisory_xact_lock_shared(hashtextextended(:id, 6))")
_CLAIM = text("select pg_advisory_xact_lock(hashtextextended(:id, 6))")


async def campaign_by_code(session: AsyncSession, actor: Actor, code: str) -> Campaign:
    """The campaign, or ``resource.not_found``."""
    return await one_visible(session, Campaign, actor, Campaign.code == code, what=f"campaign {code}")


async def campaign_for_update(session: AsyncSession, actor: Actor, code: str) -> Campaign:
    """The campaign, locked for a step: nobody enters or judges a value meanwhile."""
    row = await campaign_by_code(session, actor, code)
    await session.execute(_CLAIM, {"id": str(row.id)})  # before the row, so that no two wait for each other
    await session.refresh(row, with_for_update=True)
    return row


async def held_campaign(session: AsyncSession, actor: Actor, code: str) -> Campaign:
    """The campaign, held in its state until the transaction ends.

    An advisory lock, because row-level security lets a school read the city's campaign but not lock its row.
    """
    row = await campaign_by_code(session, actor, code)
    await session.execute(_HOLD, {"id": str(row.id)})
    await session.refresh(row)
    return row


async def find_campaign(session: AsyncSession, actor: Actor, code: str) -> Campaign | None:
    """The actor's own campaign, locked, or ``None``."""
    statement = visible(Campaign, actor).where(Campaign.code == code, Campaign.org_path == actor.org)
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def campaign_by_id(session: AsyncSession, campaign_id: uuid.UUID) -> Campaign:
    """The campaign a job works on, locked; jobs act for the whole service."""
    await session.execute(_CLAIM, {"id": str(campaign_id)})
    return (await session.execute(select(Campaign).where(Campaign.id == campaign_id).with_for_update())).scalar_one()
