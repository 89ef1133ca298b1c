"""Inspectors in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.inspectors.tables import Inspector
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor


def inspectors_of(actor: Actor) -> Select[Inspector]:
    """Inspectors of the actor's office and those below it."""
    return visible(Inspector, actor)


async def own_inspector_for_update(session: AsyncSession, actor: Actor, account: str) -> Inspector | None:
    """An inspector of the actor's own office, locked, if registered."""
    i = Inspector
    statement = visible(i, actor).where(i.account == account, i.org_path == actor.org).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def inspectors_by_account(
    session: AsyncSession, actor: Actor, accounts: Collection[str]
) -> Mapping[str, Inspector]:
    """Inspectors of the actor's own office by account."""
    i = Inspector
    statement = visible(i, actor).where(i.account.in_(sorted(accounts)), i.org_path == actor.org)
    return {row.account: row for row in (await session.scalars(statement)).all()}
