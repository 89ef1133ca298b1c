"""Carrying out a plan on a pool: inputs frozen by hash, shared to the fen, certified."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct.standing import months_forfeited
from services.teacher_eval.money import months_between
from services.teacher_eval.pay_clashes import clash_faults
from services.teacher_eval.pay_ledger.repository import balances
from services.teacher_eval.pay_members.repository import all_members
from services.teacher_eval.pay_members.service.members import require_open
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_plans.rules import PlanState, require_payable
from services.teacher_eval.pay_plans.service.plans import document_of
from services.teacher_eval.pay_plans.tables import PayPlan
from services.teacher_eval.pay_pools.rules import PoolKind
from services.teacher_eval.pay_pools.tables import PayPool
from services.teacher_eval.pay_runs import repository
from services.teacher_eval.pay_runs.certifying import certificate_frame
from services.teacher_eval.pay_runs.comparing import compared
from services.teacher_eval.pay_runs.core_plan import part_names
from services.teacher_eval.pay_runs.inputs import inputs_frame
from services.teacher_eval.pay_runs.rules import RunState
from services.teacher_eval.pay_runs.sharing import Shared, share
from services.teacher_eval.pay_runs.tables import PayRun
from shared.kernel import clock
from shared.kernel.ids import new_id
from shared.kernel.records import keep
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that a run is worked out from.

    Args:
        pool: the pool.
        document: the plan.
        inputs: the people, see :func:`services.teacher_eval.pay_runs.inputs.inputs_frame`.
        baseline: ``staff_key, amount_fen`` of the last payment of the kind; ``None`` where there is none.
        baseline_name: what it is compared with.
    """

    pool: PayPool
    document: PlanDocument
    inputs: pl.DataFrame
    baseline: pl.DataFrame | None
    baseline_name: str


async def compute_run(
    session: AsyncSession, *, pool: PayPool, plan: PayPlan, store: ColumnarStore, actor: Actor
) -> PayRun:
    """Carries out a plan that was passed and filed; nothing is paid before a person has confirmed it.

    Args:
        session: the transaction.
        pool: the school's, locked.
        plan: the school's.
        store: keeps inputs, outcomes and the certificate.
        actor: who asks.

    Raises:
        DomainError: ``pay_plan.not_filed``, ``pay_pool.in_payment``, ``pay_run.nobody``, ``pay_run.refused``.
    """
    require_payable(PlanState(plan.state))
    require_open(pool)
    prepared = await prepare(session, pool=pool, plan=plan, store=store, actor=actor)
    shared = await asyncio.to_thread(shared_of, prepared)
    row = await asyncio.to_thread(_run_row, prepared, shared, plan, store)
    row.number = await repository.next_number(session, actor, pool)
    row.computed_by, row.computed_at = actor.subject, clock.now()
    detail = {"pool": pool.code, "number": row.number, "people": row.people, "certificate": row.certificate_sha256}
    await keep_run(session, row, "computed", actor=actor, detail=detail)
    return row


async def prepare(
    session: AsyncSession,
    *,
    pool: PayPool,
    plan: PayPlan | None,
    store: ColumnarStore,
    actor: Actor,
    document: PlanDocument | None = None,
) -> Prepared:
    """Everything a run of a stored plan, or of a document that is only tried, is worked out from.

    Raises:
        DomainError: ``pay_run.plan_elsewhere``, ``pay_plan.other_kind``, ``pay_run.nobody``, ``pay_pool.not_of_a_school``.
    """
    if plan is not None and plan.org_path != pool.org_path:
        raise DomainError("pay_run.plan_elsewhere")
    taken = document or (document_of(plan) if plan is not None else None)
    if taken is None:
        raise ValueError("neither a plan nor a document")
    if taken.pool_kind != pool.kind:
        raise DomainError("pay_plan.other_kind", params={"plan_kind": taken.pool_kind, "pool_kind": pool.kind})
    members = await all_members(session, actor, pool)
    if not members:
        raise DomainError("pay_run.nobody", params={"pool": pool.code})
    owed = await balances(session, actor, pool.org_path, pool.kind)
    forfeited = await _forfeited(session, pool, members)
    inputs = await asyncio.to_thread(inputs_frame, pool, taken, members, owed, forfeited)
    last = await repository.last_shown_run(session, actor, pool)
    if last is None:
        return Prepared(pool, taken, inputs, None, "equal")
    baseline = await asyncio.to_thread(store.get, last.outcomes_sha256, ["staff_key", "amount_fen"])
    return Prepared(pool, taken, inputs, baseline, f"run:{last.pool_code}")


async def _forfeited(
    session: AsyncSession, pool: PayPool, members: Sequence[PayMember]
) -> Mapping[str, frozenset[str]]:
    """Months that conduct takes from people: of the incentive part alone, what is paid by the piece elsewhere stays."""
    if pool.kind != PoolKind.INCENTIVE:
        return {}
    months = months_between(pool.first_month, pool.last_month)
    return await months_forfeited(session, [row.staff_key for row in members], months)


def shared_of(prepared: Prepared) -> Shared:
    """The pool shared; blocks.

    Raises:
        DomainError: ``pay_run.refused`` with every clash and its figures.
    """
    shared = share(prepared.pool.code, prepared.pool.amount_fen, prepared.document, prepared.inputs)
    if shared.refusals:
        faults = clash_faults(shared.refusals, part_names(prepared.document))
        raise DomainError("pay_run.refused", params={"count": len(faults)}, faults=faults)
    return shared


def summary_of(prepared: Prepared, shared: Shared) -> dict[str, Any]:
    """Money per item and part, and what the run leaves to people against the baseline; aggregates only. Blocks."""
    names = part_names(prepared.document)
    parts = [{"code": code, "name": names.get(code, code), "fen": fen} for code, fen in shared.parts.items()]
    figures = compared(prepared.inputs, shared.allocation.payments, prepared.baseline)
    return {"parts": parts, "comparison": {"baseline": prepared.baseline_name, **figures}}


def _run_row(prepared: Prepared, shared: Shared, plan: PayPlan, store: ColumnarStore) -> PayRun:
    pool = prepared.pool
    certificate = certificate_frame(prepared.document, prepared.inputs, shared)
    return PayRun(
        id=new_id(),
        org_path=pool.org_path,
        version=0,
        pool_id=pool.id,
        pool_code=pool.code,
        plan_id=plan.id,
        state=RunState.COMPUTED,
        amount_fen=pool.amount_fen,
        amount_number=pool.amount_number,
        paid_fen=pool.amount_fen - shared.kept_fen,
        kept_fen=shared.kept_fen,
        people=shared.outcomes.height,
        plan_sha256=plan.sha256,
        inputs_sha256=store.put(prepared.inputs).sha256,
        outcomes_sha256=store.put(shared.outcomes).sha256,
        certificate_sha256=store.put(certificate).sha256,
        summary=summary_of(prepared, shared),
    )


async def keep_run(
    session: AsyncSession, row: PayRun, action: str, *, actor: Actor, detail: Mapping[str, Any] | None = None
) -> None:
    """Writes a run with its trace."""
    key = {"id": str(row.id)}
    await keep(session, row, resource="pay_runs", action=f"pay_run.{action}", key=key, actor=actor, detail=detail)
