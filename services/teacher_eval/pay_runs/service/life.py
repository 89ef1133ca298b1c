"""A run's life: a person answers for it, everybody sees the own part, the money goes out, what was owed is settled."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_ledger.service import settle_carried
from services.teacher_eval.pay_plans.repository import plan_by_id, plan_for_update
from services.teacher_eval.pay_plans.service.plans import use_plan
from services.teacher_eval.pay_pools.repository import pool_for_update
from services.teacher_eval.pay_pools.rules import LIFE as POOL_LIFE
from services.teacher_eval.pay_pools.rules import PoolState
from services.teacher_eval.pay_pools.tables import PayPool
from services.teacher_eval.pay_runs import repository
from services.teacher_eval.pay_runs.rules import LIFE, RunState
from services.teacher_eval.pay_runs.schemas import PaymentIn
from services.teacher_eval.pay_runs.service.computing import keep_run, prepare
from services.teacher_eval.pay_runs.tables import PayRun
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def confirm_run(session: AsyncSession, *, row: PayRun, reason: str, store: ColumnarStore, actor: Actor) -> PayRun:
    """A person answers for a run: from here on pool, people and figures stay as they are.

    Raises:
        DomainError: ``pay_run.already_chosen``; ``pay_run.inputs_changed`` when it was not worked out from what is known;
            ``workflow.not_allowed``.
    """
    state = LIFE.target("confirm", RunState(row.state))
    pool = await pool_for_update(session, actor, row.pool_code)
    chosen = await repository.chosen_run(session, actor, pool)
    if chosen is not None:
        raise DomainError("pay_run.already_chosen", params={"pool": pool.code, "number": chosen.number})
    await _require_unchanged(session, row, pool, store, actor)
    row.state, row.reason = state, reason
    row.confirmed_by, row.confirmed_at = actor.subject, clock.now()
    await keep_run(session, row, "confirmed", actor=actor, detail={"reason": reason})
    await use_plan(session, row=await plan_for_update(session, actor, row.plan_id), actor=actor)
    await _move_pool(session, pool, "begin_payment", actor)
    return row


async def drop_run(session: AsyncSession, *, row: PayRun, reason: str, actor: Actor) -> PayRun:
    """A run that nobody has seen is given up; people and figures may be changed again."""
    was_confirmed = RunState(row.state) is RunState.CONFIRMED
    row.state = LIFE.target("drop", RunState(row.state))
    row.reason = reason
    await keep_run(session, row, "dropped", actor=actor, detail={"reason": reason})
    if was_confirmed:
        await _move_pool(session, await pool_for_update(session, actor, row.pool_code), "withdraw_payment", actor)
    return row


async def publish_run(session: AsyncSession, *, row: PayRun, store: ColumnarStore, actor: Actor) -> PayRun:
    """Each person sees the own amount and how it came about; balances that the run carries are settled."""
    row.state = LIFE.target("publish", RunState(row.state))
    row.published_at = clock.now()
    await keep_run(session, row, "published", actor=actor)
    await settle_carried(session, run=row, store=store, actor=actor)
    return row


async def pay_run(session: AsyncSession, *, row: PayRun, body: PaymentIn, actor: Actor) -> PayRun:
    """The money went out; the pool is closed, and corrections go into the ledger.

    Raises:
        DomainError: ``pay_run.paid_ahead``, ``workflow.not_allowed``.
    """
    if body.paid_on > clock.today():
        raise DomainError("pay_run.paid_ahead", params={"paid_on": body.paid_on.isoformat()})
    row.state = LIFE.target("pay", RunState(row.state))
    row.paid_on, row.payment_reference = body.paid_on, body.reference
    await keep_run(session, row, "paid", actor=actor, detail={"paid_on": body.paid_on.isoformat()})
    await _move_pool(session, await pool_for_update(session, actor, row.pool_code), "close", actor)
    return row


async def _require_unchanged(
    session: AsyncSession, row: PayRun, pool: PayPool, store: ColumnarStore, actor: Actor
) -> None:
    plan = await plan_by_id(session, actor, row.plan_id)
    now = await prepare(session, pool=pool, plan=plan, store=store, actor=actor)
    inputs = await asyncio.to_thread(store.put, now.inputs)
    same = (inputs.sha256, pool.amount_number, plan.sha256)
    if same != (row.inputs_sha256, row.amount_number, row.plan_sha256):
        raise DomainError("pay_run.inputs_changed")


async def _move_pool(session: AsyncSession, pool: PayPool, step: str, actor: Actor) -> None:
    pool.state = POOL_LIFE.target(step, PoolState(pool.state))
    key = {"code": pool.code}
    await keep(session, pool, resource="pay_pools", action=f"pay_pool.{step}", key=key, actor=actor)
