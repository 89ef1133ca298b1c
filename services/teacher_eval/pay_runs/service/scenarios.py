"""Plans run side by side on a pool, before anybody decides: nothing is paid, and it is saved only when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_clashes import clash_faults
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_plans.proposal import proposal_of
from services.teacher_eval.pay_plans.repository import plan_for_update
from services.teacher_eval.pay_plans.service.plans import document_of, note_simulation, remark_of
from services.teacher_eval.pay_plans.tables import PayPlan
from services.teacher_eval.pay_pools.tables import PayPool
from services.teacher_eval.pay_runs.core_plan import part_names
from services.teacher_eval.pay_runs.scenario_schemas import ScenariosIn
from services.teacher_eval.pay_runs.service.computing import Prepared, prepare, summary_of
from services.teacher_eval.pay_runs.sharing import share
from services.teacher_eval.pay_runs.tables import PayScenario
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.ids import new_id
from shared.kernel.store.columnar import ColumnarStore
from shared.policy.performance_pay import pay_plan_objections
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import catalogue


@dataclass(frozen=True, slots=True)
class _Tried:
    """A plan, or a document that is none yet."""

    document: PlanDocument
    plan: PayPlan | None


async def run_scenarios(
    session: AsyncSession, *, pool: PayPool, body: ScenariosIn, store: ColumnarStore, actor: Actor
) -> PayScenario:
    """Runs every plan on the pool's people as they are now; one that cannot be carried out says why, beside the others.

    Args:
        session: the transaction.
        pool: the pool.
        body: plans by id, and documents.
        store: holds the baseline.
        actor: who asks.

    Returns:
        What was compared; in the session only where it is to be saved.

    Raises:
        DomainError: ``pay_run.scenarios_same`` without any plan; ``pay_run.nobody``; ``pay_run.plan_elsewhere``.
    """
    tried = []
    for plan_id in body.plans:
        plan = await plan_for_update(session, actor, plan_id)
        tried.append(_Tried(document_of(plan), plan))
    tried += [_Tried(document, None) for document in body.documents]
    if not tried:
        raise DomainError("pay_run.scenarios_same")
    found = []
    for each in tried:
        prepared = await prepare(session, pool=pool, plan=each.plan, store=store, actor=actor, document=each.document)
        outcome = await asyncio.to_thread(_outcome, prepared, each)
        found.append(outcome)
        if each.plan is not None and not outcome["refused"]:
            await note_simulation(session, row=each.plan, pool=pool.code, actor=actor)
    content = {"amount_fen": pool.amount_fen, "people": found[0]["people"], "scenarios": found}
    row = PayScenario(id=new_id(), org_path=pool.org_path, pool_id=pool.id, pool_code=pool.code, name=body.name)
    row.content, row.created_by, row.version = content, actor.subject, 1
    if body.save:
        session.add(row)
        await session.flush()
        await session.refresh(row)
    note(session, actor, "pay_scenario.run", pool.code, {"plans": len(tried), "saved": body.save})
    return row


async def throw_away(session: AsyncSession, *, row: PayScenario, actor: Actor) -> None:
    """Deletes a saved scenario; nothing follows from it."""
    await session.delete(row)
    await session.flush()
    note(session, actor, "pay_scenario.thrown_away", row.pool_code, {"id": str(row.id)})


def _outcome(prepared: Prepared, tried: _Tried) -> dict[str, Any]:
    shared = share(prepared.pool.code, prepared.pool.amount_fen, prepared.document, prepared.inputs)
    objections = pay_plan_objections(proposal_of(prepared.document, clock.today()))
    outcome: dict[str, Any] = {
        "name": prepared.document.name,
        "plan": None if tried.plan is None else str(tried.plan.id),
        "people": prepared.inputs.height,
        "law": [{**remark_of(each), "is_refusal": each.is_refusal} for each in objections],
        "refused": _told(clash_faults(shared.refusals, part_names(prepared.document))),
    }
    if not shared.refusals:
        outcome |= summary_of(prepared, shared)
        outcome["kept_fen"] = shared.kept_fen
    return outcome


def _told(faults: Sequence[Any]) -> list[dict[str, Any]]:
    """Clashes in both languages, because they are kept."""
    known = catalogue()
    return [
        {
            "code": fault.code,
            "params": dict(fault.params),
            "zh": known[fault.code].detail["zh"].format(**fault.params),
            "en": known[fault.code].detail["en"].format(**fault.params),
        }
        for fault in faults
    ]
