"""Plans and milestones in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.action_plans.tables import ActionPlan, Milestone, MilestoneEntry
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


async def plan_by_code(session: AsyncSession, actor: Actor, code: str) -> ActionPlan:
    """A plan; raises ``resource.not_found``."""
    return await one_visible(session, ActionPlan, actor, ActionPlan.code == code, what=f"action plan {code}")


async def own_plan_for_update(session: AsyncSession, actor: Actor, code: str) -> ActionPlan | None:
    """The actor's own plan, locked, if there is one."""
    statement = visible(ActionPlan, actor).where(ActionPlan.code == code, ActionPlan.org_path == actor.org)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def all_plans(session: AsyncSession, actor: Actor) -> Sequence[ActionPlan]:
    """Every plan the actor sees, by code."""
    return (await session.scalars(visible(ActionPlan, actor).order_by(ActionPlan.code))).all()


def milestones_of(actor: Actor, plan: ActionPlan) -> Select[Milestone]:
    """Milestones of a plan within the actor's organization."""
    return visible(Milestone, actor).where(Milestone.plan_id == plan.id)


async def milestone_by_code(
    session: AsyncSession, actor: Actor, plan: ActionPlan, org_path: str, code: str
) -> Milestone:
    """A milestone; raises ``resource.not_found``."""
    named = _named(plan, org_path, code)
    return await one_visible(session, Milestone, actor, *named, what=f"milestone {code}")


async def milestone_for_update(
    session: AsyncSession, actor: Actor, plan: ActionPlan, org_path: str, code: str
) -> Milestone:
    """A milestone, locked; raises ``resource.not_found``."""
    named = _named(plan, org_path, code)
    return await one_visible_for_update(session, Milestone, actor, *named, what=f"milestone {code}")


async def milestone_or_none(
    session: AsyncSession, actor: Actor, plan: ActionPlan, org_path: str, code: str
) -> Milestone | None:
    """A milestone, locked, if there is one."""
    statement = visible(Milestone, actor).where(*_named(plan, org_path, code))
    return (await session.scalars(statement.with_for_update())).one_or_none()


def _named(plan: ActionPlan, org_path: str, code: str) -> tuple[ColumnElement[bool], ...]:
    return Milestone.plan_id == plan.id, Milestone.org_path == org_path, Milestone.code == code


async def entries_of(session: AsyncSession, actor: Actor, milestone: Milestone) -> Sequence[MilestoneEntry]:
    """What was said on a milestone, oldest first."""
    statement = visible(MilestoneEntry, actor).where(MilestoneEntry.milestone_id == milestone.id)
    return (await session.scalars(statement.order_by(MilestoneEntry.id))).all()


async def counts_by_measure(
    session: AsyncSession, actor: Actor, plan: ActionPlan, overdue: object
) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Milestones by measure and state: how many, and how many of them are overdue."""
    m = Milestone
    statement = (
        milestones_of(actor, plan)
        .with_only_columns(m.measure, m.state, func.count(), func.count().filter(m.due_on < overdue))
        .group_by(m.measure, m.state)
    )
    rows = (await session.execute(statement)).all()
    return {(measure, state): (count, late) for measure, state, count, late in rows}
