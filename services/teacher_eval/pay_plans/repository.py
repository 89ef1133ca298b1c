"""Plans in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_plans.rules import PAYABLE, PlanState
from services.teacher_eval.pay_plans.tables import PayPlan, PayPlanStep
from services.teacher_eval.pay_pools.rules import PoolKind
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

_CLAIM = text("select pg_advisory_xact_lock(hashtextextended(:place, 8))")


def plans_of(actor: Actor, *, kind: PoolKind | None = None, state: PlanState | None = None) -> Select[PayPlan]:
    """Plans within the actor's organization, filtered."""
    conditions = [PayPlan.kind == kind if kind else None, PayPlan.state == state if state else None]
    return visible(PayPlan, actor).where(*(each for each in conditions if each is not None))


async def plan_by_id(session: AsyncSession, actor: Actor, plan_id: uuid.UUID) -> PayPlan:
    """A version of a plan; raises ``resource.not_found``."""
    return await one_visible(session, PayPlan, actor, PayPlan.id == plan_id, what=f"pay plan {plan_id}")


async def plan_for_update(session: AsyncSession, actor: Actor, plan_id: uuid.UUID) -> PayPlan:
    """A version of a plan, locked; raises ``resource.not_found``."""
    return await one_visible_for_update(session, PayPlan, actor, PayPlan.id == plan_id, what=f"pay plan {plan_id}")


async def next_number(session: AsyncSession, actor: Actor, org_path: str, kind: PoolKind) -> int:
    """The number of the next version of an organization's plans of a kind; nobody else takes it meanwhile."""
    await session.execute(_CLAIM, {"place": f"{org_path}{kind}"})
    own = visible(PayPlan, actor).where(PayPlan.org_path == org_path, PayPlan.kind == kind)
    return (await session.scalar(own.with_only_columns(func.max(PayPlan.number))) or 0) + 1


async def plans_in_use(session: AsyncSession, actor: Actor, row: PayPlan) -> Sequence[PayPlan]:
    """Other versions of the same school's plans of the kind that are in use or were filed before, locked."""
    statement = visible(PayPlan, actor).where(
        PayPlan.org_path == row.org_path,
        PayPlan.kind == row.kind,
        PayPlan.id != row.id,
        PayPlan.number < row.number,
        PayPlan.state.in_((PlanState.IN_USE, PlanState.FILED)),
    )
    return (await session.scalars(statement.order_by(PayPlan.number).with_for_update())).all()


async def payable_plan(session: AsyncSession, actor: Actor, org_path: str, kind: str) -> PayPlan | None:
    """The newest plan of a school that people may be paid by."""
    statement = visible(PayPlan, actor).where(
        PayPlan.org_path == org_path, PayPlan.kind == kind, PayPlan.state.in_(sorted(PAYABLE))
    )
    return (await session.scalars(statement.order_by(PayPlan.number.desc()).limit(1))).one_or_none()


async def steps_of(session: AsyncSession, actor: Actor, row: PayPlan) -> Sequence[PayPlanStep]:
    """Steps of a plan's life, oldest first."""
    statement = visible(PayPlanStep, actor).where(PayPlanStep.plan_id == row.id)
    return (await session.scalars(statement.order_by(PayPlanStep.at, PayPlanStep.id))).all()
