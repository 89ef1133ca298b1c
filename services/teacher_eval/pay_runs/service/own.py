"""A person's own payment: the amount, and every step that led to it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_ledger.repository import entries_of_person
from services.teacher_eval.pay_members.repository import everywhere, pools_of_person
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_plans.repository import plan_by_id
from services.teacher_eval.pay_plans.service.plans import document_of
from services.teacher_eval.pay_runs import repository
from services.teacher_eval.pay_runs.inputs import STAFF_KEY
from services.teacher_eval.pay_runs.rules import SHOWN, RunState
from services.teacher_eval.pay_runs.steps import steps_of
from services.teacher_eval.pay_runs.tables import PayRun
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Own:
    """What a person is shown of a run."""

    run: PayRun
    document: PlanDocument
    outcome: dict[str, Any]
    steps: list[dict[str, Any]]
    corrections_fen: int


async def own_payments(session: AsyncSession, actor: Actor) -> Sequence[PayRun]:
    """Payments the actor's person was part of, at whatever school, newest first."""
    if actor.person is None:
        return []
    async with everywhere(session, actor) as city:
        pools = await pools_of_person(session, city, actor.person)
        return await repository.runs_of_pools(session, city, pools)


async def own_payment(session: AsyncSession, *, run_id: uuid.UUID, store: ColumnarStore, actor: Actor) -> Own:
    """The actor's own part of a payment.

    Raises:
        DomainError: ``resource.not_found`` where the person was not part of it; ``pay_run.not_shown`` until it is published.
    """
    missing = DomainError("resource.not_found", params={"what": f"pay run {run_id}"})
    if actor.person is None:
        raise missing
    async with everywhere(session, actor) as city:
        run = await repository.run_by_id(session, city, run_id)
        plan = await plan_by_id(session, city, run.plan_id)
        entries = await entries_of_person(session, city, actor.person)
    document = document_of(plan)
    outcomes = await asyncio.to_thread(store.get, run.outcomes_sha256)
    found = outcomes.filter(pl.col(STAFF_KEY) == actor.person)
    if found.is_empty():
        raise missing
    if RunState(run.state) not in SHOWN:
        # Somebody of another school learns nothing of what is under way there.
        raise DomainError("pay_run.not_shown", params={"state": run.state}) if actor.covers(run.org_path) else missing
    steps = await asyncio.to_thread(_steps, store, run, document, actor.person)
    corrections = sum(entry.amount_fen for entry in entries if entry.run_id == run.id)
    return Own(run, document, found.row(0, named=True), steps, corrections)


def _steps(store: ColumnarStore, run: PayRun, document: PlanDocument, staff_key: str) -> list[dict[str, Any]]:
    inputs = store.get(run.inputs_sha256)
    return steps_of(run.pool_code, run.amount_fen, document, inputs, staff_key)
