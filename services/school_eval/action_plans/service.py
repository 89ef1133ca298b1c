"""Keeping plans, and the life of their milestones."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.action_plans import repository
from services.school_eval.action_plans.rules import OPEN, MilestoneState, require_step_allowed
from services.school_eval.action_plans.schemas import (
    ActionPlanIn,
    MeasureProgress,
    MilestoneIn,
    PlanProgressOut,
    ReportIn,
    Step,
    WordsIn,
)
from services.school_eval.action_plans.tables import ActionPlan, Milestone, MilestoneEntry
from shared.kernel import clock
from shared.kernel.records import keep
from shared.kernel.web.fields import TwoNames
from shared.kernel.web.organizations import code_of
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def put_plan(
    session: AsyncSession, *, code: str, body: ActionPlanIn, row: ActionPlan | None, actor: Actor
) -> tuple[ActionPlan, bool]:
    """Writes a plan of the actor's office; returns it and whether it is new.

    Raises:
        DomainError: ``action_plan.measure_in_use`` when milestones stand on a measure or task that is left out.
    """
    content = body.model_dump(mode="json", exclude={"starts_on", "ends_on"})
    is_new = row is None
    if row is None:
        row = ActionPlan(code=code, org_path=actor.org)
    else:
        await _require_used_kept(session, row, body, actor)
    row.starts_on, row.ends_on, row.content = body.starts_on, body.ends_on, content
    await keep(session, row, resource="action_plans", action="action_plan.set", key={"plan": code}, actor=actor)
    return row, is_new


async def _require_used_kept(session: AsyncSession, row: ActionPlan, body: ActionPlanIn, actor: Actor) -> None:
    known = {measure.code for measure in body.measures} | {t.code for m in body.measures for t in m.tasks}
    milestones = (await session.scalars(repository.milestones_of(actor, row))).all()
    used = {code for each in milestones for code in (each.measure, each.task) if code}
    if gone := sorted(used - known):
        raise DomainError("action_plan.measure_in_use", params={"codes": ", ".join(gone)})


async def put_milestone(
    session: AsyncSession, *, plan: ActionPlan, org_path: str, code: str, body: MilestoneIn, actor: Actor
) -> tuple[Milestone, bool]:
    """Writes a milestone that is still open; returns it and whether it is new.

    Raises:
        DomainError: ``action_plan.measure_unknown``; ``milestone.elsewhere`` for an organization that is not the actor's or
            below; ``milestone.over`` once it was reached or cancelled.
    """
    _require_part_of(plan, body)
    if not actor.covers(org_path):
        raise DomainError("milestone.elsewhere")
    row = await repository.milestone_or_none(session, actor, plan, org_path, code)
    is_new = row is None
    if row is None:
        row = Milestone(plan_id=plan.id, org_path=org_path, code=code, state=MilestoneState.PLANNED)
    elif row.state not in OPEN:
        raise DomainError("milestone.over", params={"state": row.state})
    for name, value in body.model_dump().items():
        setattr(row, name, value)
    await _kept(session, row, plan, "set", actor)
    return row, is_new


def _require_part_of(plan: ActionPlan, body: MilestoneIn) -> None:
    tasks = {m["code"]: {task["code"] for task in m["tasks"]} for m in plan.content["measures"]}
    if body.measure not in tasks or (body.task is not None and body.task not in tasks[body.measure]):
        raise DomainError("action_plan.measure_unknown", params={"plan": plan.code, "measure": body.measure})


async def take_step(
    session: AsyncSession, *, plan: ActionPlan, row: Milestone, step: Step, body: WordsIn, actor: Actor
) -> Milestone:
    """Takes one step of a milestone's life, with its words.

    Raises:
        DomainError: ``workflow.not_allowed``, ``milestone.own_report``, ``milestone.reached_later``.
    """
    row.state = require_step_allowed(step, row, actor)
    today = clock.today()
    if isinstance(body, ReportIn):
        row.reported_on, row.reported_by = body.reached_on or today, actor.subject
        if row.reported_on > today:
            raise DomainError("milestone.reached_later", params={"today": today.isoformat()})
    row.reached_on = row.reported_on if row.state == MilestoneState.REACHED else None
    words = MilestoneEntry(org_path=row.org_path, action=step, body=body.text, author_org=actor.org, at=clock.now())
    words.milestone_id = row.id
    session.add(words)
    await _kept(session, row, plan, row.state, actor)
    return row


async def progress_of(session: AsyncSession, *, plan: ActionPlan, actor: Actor) -> PlanProgressOut:
    """How far every measure has come within the actor's organization."""
    today = clock.today()
    counts = await repository.counts_by_measure(session, actor, plan, today)
    measures = []
    for measure in plan.content["measures"]:
        states = {state: counts.get((measure["code"], state), (0, 0)) for state in MilestoneState}
        late = sum(states[state][1] for state in OPEN)
        numbers = {state.value: count for state, (count, _) in states.items()}
        name = TwoNames(**measure["name"])
        measures.append(MeasureProgress(measure=measure["code"], name=name, **numbers, overdue=late))
    return PlanProgressOut(plan=plan.code, on=today, measures=measures)


async def _kept(session: AsyncSession, row: Milestone, plan: ActionPlan, what: str, actor: Actor) -> None:
    key = {"plan": plan.code, "organization": code_of(row.org_path), "milestone": row.code}
    await keep(session, row, resource="milestones", action=f"milestone.{what}", key=key, actor=actor)
