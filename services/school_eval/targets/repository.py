"""Targets in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.targets.tables import Target, TargetObservation
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


async def target_by_code(session: AsyncSession, actor: Actor, plan: str, code: str) -> Target:
    """A target; raises ``resource.not_found``."""
    named = (Target.plan_code == plan, Target.code == code)
    return await one_visible(session, Target, actor, *named, what=f"target {plan}/{code}")


async def own_target_for_update(session: AsyncSession, actor: Actor, plan: str, code: str) -> Target | None:
    """The actor's own target, locked, if there is one."""
    statement = visible(Target, actor).where(
        Target.plan_code == plan, Target.code == code, Target.org_path == actor.org
    )
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def targets_of(session: AsyncSession, actor: Actor, plan: str) -> Sequence[Target]:
    """Targets of a plan, by code."""
    return (await session.scalars(visible(Target, actor).where(Target.plan_code == plan).order_by(Target.code))).all()


async def observations_of(
    session: AsyncSession, actor: Actor, target: Target, org_path: str, *, with_history: bool = False
) -> Sequence[TargetObservation]:
    """Figures of an organization by year, those in force or all that ever were."""
    o = TargetObservation
    statement = visible(o, actor).where(o.target_id == target.id, o.org_path == org_path)
    if not with_history:
        statement = statement.where(o.superseded_at.is_(None))
    return (await session.scalars(statement.order_by(o.year, o.id))).all()


async def observation_for_update(
    session: AsyncSession, actor: Actor, target: Target, org_path: str, year: int
) -> TargetObservation | None:
    """The figure in force of a year, locked, if there is one."""
    o = TargetObservation
    named = (o.target_id == target.id, o.org_path == org_path, o.year == year, o.superseded_at.is_(None))
    return (await session.scalars(visible(o, actor).where(*named).with_for_update())).one_or_none()
