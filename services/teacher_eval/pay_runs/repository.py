"""Runs and scenarios in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_pools.tables import PayPool
from services.teacher_eval.pay_runs.rules import CHOSEN, SHOWN, RunState
from services.teacher_eval.pay_runs.tables import PayRun, PayScenario
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def runs_of(actor: Actor, *, pool_code: str | None = None, state: RunState | None = None) -> Select[PayRun]:
    """Runs within the actor's organization, filtered."""
    conditions = [PayRun.pool_code == pool_code if pool_code else None, PayRun.state == state if state else None]
    return visible(PayRun, actor).where(*(each for each in conditions if each is not None))


async def run_by_id(session: AsyncSession, actor: Actor, run_id: uuid.UUID) -> PayRun:
    """A run; raises ``resource.not_found``."""
    return await one_visible(session, PayRun, actor, PayRun.id == run_id, what=f"pay run {run_id}")


async def run_for_update(session: AsyncSession, actor: Actor, run_id: uuid.UUID) -> PayRun:
    """A run, locked; raises ``resource.not_found``."""
    return await one_visible_for_update(session, PayRun, actor, PayRun.id == run_id, what=f"pay run {run_id}")


async def next_number(session: AsyncSession, actor: Actor, pool: PayPool) -> int:
    """The number of a pool's next run; the pool is locked by the caller."""
    own = visible(PayRun, actor).where(PayRun.pool_id == pool.id)
    return (await session.scalar(own.with_only_columns(func.max(PayRun.number))) or 0) + 1


async def chosen_run(session: AsyncSession, actor: Actor, pool: PayPool) -> PayRun | None:
    """The run of a pool that was confirmed, if any."""
    statement = visible(PayRun, actor).where(PayRun.pool_id == pool.id, PayRun.state.in_(sorted(CHOSEN)))
    return (await session.execute(statement)).scalar_one_or_none()


async def last_shown_run(session: AsyncSession, actor: Actor, pool: PayPool) -> PayRun | None:
    """What the school was last paid by for a pool of the kind before this one: the baseline of scenarios."""
    statement = (
        visible(PayRun, actor)
        .join(PayPool, PayPool.id == PayRun.pool_id)
        .where(
            PayRun.org_path == pool.org_path,
            PayRun.state.in_(sorted(SHOWN)),
            PayPool.kind == pool.kind,
            PayPool.last_month < pool.first_month,
        )
        .order_by(PayPool.last_month.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def runs_of_pools(session: AsyncSession, actor: Actor, pools: Collection[uuid.UUID]) -> Sequence[PayRun]:
    """Runs of some pools that each person may see the own part of, newest first."""
    statement = visible(PayRun, actor).where(PayRun.pool_id.in_(pools), PayRun.state.in_(sorted(SHOWN)))
    return (await session.scalars(statement.order_by(PayRun.published_at.desc(), PayRun.id))).all()


def scenarios_of(actor: Actor, pool_code: str | None = None) -> Select[PayScenario]:
    """Saved scenarios."""
    statement = visible(PayScenario, actor)
    return statement if pool_code is None else statement.where(PayScenario.pool_code == pool_code)


async def scenario_by_id(session: AsyncSession, actor: Actor, scenario_id: uuid.UUID) -> PayScenario:
    """A saved scenario; raises ``resource.not_found``."""
    named = (PayScenario.id == scenario_id,)
    return await one_visible(session, PayScenario, actor, *named, what=f"pay scenario {scenario_id}")
