"""Partnerships in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


def partnerships_of(actor: Actor) -> Select[Partnership]:
    """Partnerships within the actor's organization."""
    return visible(Partnership, actor)


async def partnership_by_code(session: AsyncSession, actor: Actor, org_path: str, code: str) -> Partnership:
    """A partnership; raises ``resource.not_found``."""
    named = (Partnership.org_path == org_path, Partnership.code == code)
    return await one_visible(session, Partnership, actor, *named, what=f"partnership {code}")


async def partnership_for_update(session: AsyncSession, actor: Actor, org_path: str, code: str) -> Partnership | None:
    """A partnership, locked, if there is one."""
    statement = visible(Partnership, actor).where(Partnership.org_path == org_path, Partnership.code == code)
    return (await session.scalars(statement.with_for_update())).one_or_none()


def activities_of(actor: Actor, partnership: Partnership) -> Select[PartnershipActivity]:
    """Activities of a partnership."""
    return visible(PartnershipActivity, actor).where(PartnershipActivity.partnership_id == partnership.id)


async def activity_for_update(
    session: AsyncSession, actor: Actor, partnership: Partnership, code: str
) -> PartnershipActivity | None:
    """An activity, locked, if there is one."""
    statement = activities_of(actor, partnership).where(PartnershipActivity.code == code)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def activity_totals(
    session: AsyncSession, actor: Actor, first: dt.date, last: dt.date
) -> Sequence[tuple[str, int, int, Decimal]]:
    """Per kind: activities, participants, person hours."""
    a = PartnershipActivity
    statement = (
        visible(a, actor)
        .where(a.held_on.between(first, last))
        .with_only_columns(a.kind, func.count(), func.sum(a.participant_count), func.sum(a.hours * a.participant_count))
        .group_by(a.kind)
        .order_by(a.kind)
    )
    return [
        (kind, count, int(people), hours) for kind, count, people, hours in (await session.execute(statement)).all()
    ]


async def partnership_counts(session: AsyncSession, actor: Actor, first: dt.date, last: dt.date) -> Mapping[str, int]:
    """Partnerships in force at some time of a period, by kind."""
    p = Partnership
    in_force = (p.starts_on <= last) & (p.ends_on.is_(None) | (p.ends_on >= first))
    statement = visible(p, actor).where(in_force).with_only_columns(p.kind, func.count()).group_by(p.kind)
    rows = await session.execute(statement.order_by(p.kind))
    return {row[0]: row[1] for row in rows.all()}
