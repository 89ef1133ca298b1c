"""Drafting a plan and taking it through its life."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_plans import repository
from services.teacher_eval.pay_plans.document import PlanDocument
from services.teacher_eval.pay_plans.proposal import proposal_of
from services.teacher_eval.pay_plans.rules import EDITABLE, LIFE, PlanState
from services.teacher_eval.pay_plans.schemas import CongressIn, FilingIn
from services.teacher_eval.pay_plans.tables import PayPlan, PayPlanStep
from shared.kernel import clock
from shared.kernel.records import keep
from shared.policy.performance_pay import PayObjection, congress_objection, pay_plan_objections
from shared.terms.actor import Actor
from shared.terms.errors import DomainError, Fault


async def draft_plan(session: AsyncSession, *, document: PlanDocument, actor: Actor) -> PayPlan:
    """Drafts the next version of the school's plan for pools of a kind; earlier ones go on until it is used."""
    number = await repository.next_number(session, actor, actor.org, document.pool_kind)
    row = PayPlan(org_path=actor.org, kind=document.pool_kind, number=number, version=0, created_by=actor.subject)
    row.state, row.remarks = PlanState.DRAFTED, []
    _write(row, document)
    await keep_plan(session, row, "drafted", actor=actor, details={"sha256": row.sha256})
    return row


async def change_draft(session: AsyncSession, *, row: PayPlan, document: PlanDocument, actor: Actor) -> PayPlan:
    """Changes a draft; the same document again changes nothing.

    Raises:
        DomainError: ``pay_plan.final`` once it was checked; ``pay_plan.kind_changed``.
    """
    if row.document == as_json(document):
        return row
    if PlanState(row.state) not in EDITABLE:
        raise DomainError("pay_plan.final", params={"state": row.state, "number": row.number})
    if document.pool_kind != row.kind:
        raise DomainError("pay_plan.kind_changed", params={"kind": row.kind})
    _write(row, document)
    await keep_plan(session, row, "changed", actor=actor, details={"sha256": row.sha256})
    return row


async def check_plan(session: AsyncSession, *, row: PayPlan, actor: Actor) -> PayPlan:
    """Asks the law; a plan that it refuses stays a draft.

    Raises:
        DomainError: ``pay_plan.unlawful`` with every refusal, each citing its rule; ``workflow.not_allowed``.
    """
    row_state = LIFE.target("check", PlanState(row.state))
    objections = pay_plan_objections(proposal_of(document_of(row), clock.today()))
    faults = [fault_of(each) for each in objections if each.is_refusal]
    if faults:
        raise DomainError("pay_plan.unlawful", params={"count": len(faults)}, faults=faults)
    row.remarks = [remark_of(each) for each in objections]
    row.state = row_state
    await keep_plan(session, row, "checked", actor=actor, details={"remarks": len(row.remarks)})
    return row


async def pass_plan(session: AsyncSession, *, row: PayPlan, body: CongressIn, minutes: int, actor: Actor) -> PayPlan:
    """Records that the congress of staff passed the plan.

    Args:
        session: the transaction.
        row: the plan, locked.
        body: the vote.
        minutes: how many files of minutes are attached.
        actor: who records it.

    Raises:
        DomainError: ``pay_plan.minutes_missing``, ``pay_plan.vote_refused``, ``pay_plan.vote_ahead``,
            ``workflow.not_allowed``.
    """
    state = LIFE.target("pass", PlanState(row.state))
    if body.held_on > clock.today():
        raise DomainError("pay_plan.vote_ahead", params={"held_on": body.held_on.isoformat()})
    counts = body.model_dump(include={"entitled", "present", "in_favor"})
    objection = congress_objection(**counts)
    if objection is not None:
        raise DomainError("pay_plan.vote_refused", faults=[fault_of(objection)])
    if not minutes:
        raise DomainError("pay_plan.minutes_missing")
    row.congress = body.model_dump(mode="json")
    row.state = state
    await keep_plan(session, row, "passed", actor=actor, details=counts, note_text=body.note)
    return row


async def file_plan(session: AsyncSession, *, row: PayPlan, body: FilingIn, actor: Actor) -> PayPlan:
    """The office above files the plan and gives its receipt."""
    row.state = LIFE.target("file", PlanState(row.state))
    row.filing = {**body.model_dump(mode="json"), "by_org": actor.org, "at": clock.now().isoformat()}
    await keep_plan(session, row, "filed", actor=actor, details={"receipt": body.receipt}, note_text=body.note)
    return row


async def drop_plan(session: AsyncSession, *, row: PayPlan, reason: str, actor: Actor) -> PayPlan:
    """A version is given up before it was filed; it stays readable."""
    row.state = LIFE.target("drop", PlanState(row.state))
    await keep_plan(session, row, "dropped", actor=actor, details={}, note_text=reason)
    return row


async def note_simulation(session: AsyncSession, *, row: PayPlan, pool: str, actor: Actor) -> None:
    """A checked plan was run on the school's people; it may go to the congress now."""
    if PlanState(row.state) is PlanState.CHECKED:
        row.state = LIFE.target("simulate", PlanState(row.state))
        await keep_plan(session, row, "simulated", actor=actor, details={"pool": pool})


async def use_plan(session: AsyncSession, *, row: PayPlan, actor: Actor) -> None:
    """A plan is paid by; those before it are superseded."""
    if PlanState(row.state) is PlanState.IN_USE:
        return
    target = LIFE.target("use", PlanState(row.state))
    for earlier in await repository.plans_in_use(session, actor, row):
        earlier.state = LIFE.target("supersede", PlanState(earlier.state))
        await keep_plan(session, earlier, "superseded", actor=actor, details={"by": row.number})
    row.state = target
    await keep_plan(session, row, "used", actor=actor, details={})


def document_of(row: PayPlan) -> PlanDocument:
    """The document of a plan."""
    return PlanDocument.model_validate(row.document)


def as_json(document: PlanDocument) -> dict[str, Any]:
    """A document as it is stored and hashed."""
    found: dict[str, Any] = document.model_dump(mode="json")
    return found


def sha256_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of canonical JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def fault_of(objection: PayObjection) -> Fault:
    """An objection as a fault, at the item it is about."""
    return Fault(objection.code, pointer=None, value=objection.item, params=dict(objection.params))


def remark_of(objection: PayObjection) -> dict[str, Any]:
    """An objection that is told and kept."""
    return {"code": objection.code, "item": objection.item, "params": dict(objection.params)}


async def keep_plan(
    session: AsyncSession,
    row: PayPlan,
    action: str,
    *,
    actor: Actor,
    details: Mapping[str, Any],
    note_text: str | None = None,
) -> None:
    """Writes a plan with the step that changed it."""
    told = {"number": row.number, "state": row.state, **details}
    key = {"id": str(row.id)} if row.id else {}
    if not key:
        session.add(row)
        await session.flush()
        key = {"id": str(row.id)}
    await keep(session, row, resource="pay_plans", action=f"pay_plan.{action}", key=key, actor=actor, detail=told)
    step = PayPlanStep(plan_id=row.id, org_path=row.org_path, action=action, state=row.state, details=dict(details))
    step.note, step.by_account, step.by_org, step.at = note_text, actor.subject, actor.org, clock.now()
    session.add(step)
    await session.flush()


def _write(row: PayPlan, document: PlanDocument) -> None:
    row.document, row.name = as_json(document), document.name
    row.sha256 = sha256_of(row.document)
