"""People of pools in the database."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import Select, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_members.rules import counts_elsewhere
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_pools.tables import PayPool
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.kernel.database.scope import set_org_scope
from shared.terms.actor import Actor

#: One after another in one order, so that two schools that enter the same person at once see each other.
_HOLD = text(
    "select pg_advisory_xact_lock(place) from "
    "(select hashtextextended(key, 9) as place from unnest(cast(:keys as text[])) as key order by 1) as places"
)


@asynccontextmanager
async def everywhere(session: AsyncSession, actor: Actor) -> AsyncIterator[Actor]:
    """Looks at all schools for a moment, to answer "how much of this month is taken?" and "what is my own?".

    Nothing seen in here may reach the actor except that answer. After an error the scope is not restored: the
    transaction is over then.
    """
    await set_org_scope(session, "")
    yield replace(actor, org="")
    await set_org_scope(session, actor.org)


def members_of(actor: Actor, pool: PayPool) -> Select[PayMember]:
    """People of a pool."""
    return visible(PayMember, actor).where(PayMember.pool_id == pool.id)


async def all_members(session: AsyncSession, actor: Actor, pool: PayPool) -> Sequence[PayMember]:
    """People of a pool, by key."""
    return (await session.scalars(members_of(actor, pool).order_by(PayMember.staff_key))).all()


async def members_for_update(
    session: AsyncSession, actor: Actor, pool: PayPool, keys: Collection[str]
) -> Mapping[str, PayMember]:
    """Some people of a pool, locked in one order."""
    statement = members_of(actor, pool).where(PayMember.staff_key.in_(keys)).order_by(PayMember.staff_key)
    return {row.staff_key: row for row in (await session.scalars(statement.with_for_update())).all()}


async def member_for_update(session: AsyncSession, actor: Actor, pool: PayPool, staff_key: str) -> PayMember:
    """A person of a pool, locked; raises ``resource.not_found``."""
    named = (PayMember.pool_id == pool.id, PayMember.staff_key == staff_key)
    return await one_visible_for_update(session, PayMember, actor, *named, what=f"pay member {staff_key}")


async def member_count(session: AsyncSession, actor: Actor, pool: PayPool) -> int:
    """How many people are in a pool."""
    return await session.scalar(members_of(actor, pool).with_only_columns(func.count())) or 0


async def taken_elsewhere(
    session: AsyncSession, actor: Actor, pool: PayPool, keys: Collection[str]
) -> dict[str, dict[str, Decimal]]:
    """Share of each month that is paid for from other schools' pools of the kind, by person.

    The people are held until the transaction ends, so that no other school enters them meanwhile.
    """
    await session.execute(_HOLD, {"keys": sorted(keys)})
    found: dict[str, dict[str, Decimal]] = {}
    async with everywhere(session, actor) as city:
        m = PayMember
        statement = visible(m, city).where(m.staff_key.in_(keys), m.kind == pool.kind, m.pool_id != pool.id)
        rows = await session.execute(statement.with_only_columns(m.staff_key, m.months, m.exclusion))
        for key, months, exclusion in rows.all():
            if counts_elsewhere(exclusion):
                taken = found.setdefault(key, {})
                for month, share in months.items():
                    taken[month] = taken.get(month, Decimal(0)) + Decimal(share)
    return found


async def pools_of_person(session: AsyncSession, actor: Actor, staff_key: str) -> Sequence[uuid.UUID]:
    """Pools that somebody is in."""
    statement = visible(PayMember, actor).where(PayMember.staff_key == staff_key)
    return (await session.scalars(statement.with_only_columns(PayMember.pool_id))).all()
