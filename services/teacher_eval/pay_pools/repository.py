"""Pools in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_pools.rules import PoolKind
from services.teacher_eval.pay_pools.tables import PayDistribution, PayPool, PayPoolAmount
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def pools_of(
    actor: Actor, *, kind: PoolKind | None = None, school_year: str | None = None, source: uuid.UUID | None = None
) -> Select[PayPool]:
    """Pools within the actor's organization, filtered."""
    conditions = [
        PayPool.kind == kind if kind else None,
        PayPool.school_year == school_year if school_year else None,
        PayPool.source_pool_id == source if source else None,
    ]
    return visible(PayPool, actor).where(*(each for each in conditions if each is not None))


async def pool_by_code(session: AsyncSession, actor: Actor, code: str) -> PayPool:
    """A pool; raises ``resource.not_found``."""
    return await one_visible(session, PayPool, actor, PayPool.code == code, what=f"pay pool {code}")


async def pool_for_update(session: AsyncSession, actor: Actor, code: str) -> PayPool:
    """A pool, locked; raises ``resource.not_found``."""
    return await one_visible_for_update(session, PayPool, actor, PayPool.code == code, what=f"pay pool {code}")


async def find_pool(session: AsyncSession, actor: Actor, code: str) -> PayPool | None:
    """A pool, or ``None``."""
    return (await session.execute(visible(PayPool, actor).where(PayPool.code == code))).scalar_one_or_none()


async def pools_given(session: AsyncSession, actor: Actor, pool: PayPool) -> Mapping[str, PayPool]:
    """Pools that a county's pool was distributed into, by the schools' paths, locked in one order."""
    statement = pools_of(actor, source=pool.id).order_by(PayPool.code).with_for_update()
    return {row.org_path: row for row in (await session.scalars(statement)).all()}


async def amounts_of(session: AsyncSession, actor: Actor, pool: PayPool) -> Sequence[PayPoolAmount]:
    """Every amount a pool ever had, oldest first."""
    statement = visible(PayPoolAmount, actor).where(PayPoolAmount.pool_id == pool.id)
    return (await session.scalars(statement.order_by(PayPoolAmount.number))).all()


async def distributions_of(session: AsyncSession, actor: Actor, pool: PayPool) -> Sequence[PayDistribution]:
    """Every distribution of a pool, oldest first."""
    statement = visible(PayDistribution, actor).where(PayDistribution.pool_id == pool.id)
    return (await session.scalars(statement.order_by(PayDistribution.number))).all()


async def distribution_by_number(session: AsyncSession, actor: Actor, pool: PayPool, number: int) -> PayDistribution:
    """One distribution of a pool; raises ``resource.not_found``."""
    d = PayDistribution
    named = (d.pool_id == pool.id, d.number == number)
    return await one_visible(session, d, actor, *named, what=f"distribution {number} of {pool.code}")


@dataclass(frozen=True, slots=True)
class PoolTotal:
    """Pools of a kind in a county: how many, and how much."""

    county_code: str
    kind: str
    level: str
    pools: int
    amount_fen: int


async def totals_of_year(session: AsyncSession, actor: Actor, school_year: str) -> list[PoolTotal]:
    """Pools of a school year by county, kind and level."""
    county = func.split_part(PayPool.org_path, "/", 3)
    level = func.split_part(PayPool.org_path, "/", 4) != ""
    statement = (
        pools_of(actor, school_year=school_year)
        .with_only_columns(county, PayPool.kind, level, func.count(), func.sum(PayPool.amount_fen))
        .group_by(county, PayPool.kind, level)
        .order_by(county, PayPool.kind, level)
    )
    rows = (await session.execute(statement)).all()
    return [
        PoolTotal(code, kind, "school" if is_school else "county", count, int(amount))
        for code, kind, is_school, count, amount in rows
    ]


async def overlapping(session: AsyncSession, actor: Actor, pool: PayPool) -> str | None:
    """Code of another pool of the same organization and kind whose months overlap; ``None`` where there is none."""
    p = PayPool
    statement = visible(p, actor).where(
        p.org_path == pool.org_path,
        p.kind == pool.kind,
        p.code != pool.code,
        p.first_month <= pool.last_month,
        p.last_month >= pool.first_month,
    )
    code: str | None = await session.scalar(statement.with_only_columns(p.code).order_by(p.code).limit(1))
    return code
