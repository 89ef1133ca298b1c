"""Visit plans, planned schools and the register of schools in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.visit_plans.rules import Role
from services.school_eval.visit_plans.tables import PlannedSchool, RegisteredSchool, VisitDraw, VisitPlan
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

SCHOOL_SCHEMA: dict[str, pl.DataType] = {
    "school_code": pl.String(),
    "county_code": pl.String(),
    "name_zh": pl.String(),
    "org_path": pl.String(),
    "is_rural": pl.Boolean(),
    "is_city_run": pl.Boolean(),
    "read_at": pl.Datetime("us", "UTC"),
}


def plans_of(actor: Actor) -> Select[VisitPlan]:
    """Plans of the actor's office and those below it."""
    return visible(VisitPlan, actor)


async def plan_by_code(session: AsyncSession, actor: Actor, org_path: str, code: str) -> VisitPlan:
    """A plan; raises ``resource.not_found``."""
    named = (VisitPlan.org_path == org_path, VisitPlan.code == code)
    return await one_visible(session, VisitPlan, actor, *named, what=f"visit plan {code}")


async def plan_by_id(session: AsyncSession, actor: Actor, plan_id: uuid.UUID) -> VisitPlan:
    """A plan, locked; raises ``resource.not_found``."""
    return await one_visible_for_update(session, VisitPlan, actor, VisitPlan.id == plan_id, what="visit plan")


async def plan_or_none(session: AsyncSession, actor: Actor, plan_id: uuid.UUID) -> VisitPlan | None:
    """A plan the actor may see, if so."""
    return (await session.scalars(plans_of(actor).where(VisitPlan.id == plan_id))).one_or_none()


async def own_plan_for_update(session: AsyncSession, actor: Actor, code: str) -> VisitPlan | None:
    """A plan of the actor's own office, locked, if there is one."""
    p = VisitPlan
    statement = visible(p, actor).where(p.code == code, p.org_path == actor.org).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def draw_of(session: AsyncSession, actor: Actor, plan: VisitPlan) -> VisitDraw | None:
    """The draw of a plan, if it was drawn."""
    statement = visible(VisitDraw, actor).where(VisitDraw.plan_id == plan.id)
    return (await session.scalars(statement)).one_or_none()


def planned_schools(actor: Actor, plan: VisitPlan) -> Select[PlannedSchool]:
    """Schools of a plan."""
    return visible(PlannedSchool, actor).where(PlannedSchool.plan_id == plan.id)


async def planned_school(session: AsyncSession, actor: Actor, plan: VisitPlan, school_code: str) -> PlannedSchool:
    """A school of a plan, locked; raises ``resource.not_found``."""
    named = (PlannedSchool.plan_id == plan.id, PlannedSchool.school_code == school_code)
    return await one_visible_for_update(session, PlannedSchool, actor, *named, what=f"planned school {school_code}")


async def first_reserve(
    session: AsyncSession, actor: Actor, plan: VisitPlan, strata: Sequence[str]
) -> PlannedSchool | None:
    """The next school in reserve of the first of these strata that has one left, locked."""
    p = PlannedSchool
    for stratum in strata:
        statement = planned_schools(actor, plan).where(p.role == Role.RESERVE, p.stratum == stratum)
        first = statement.order_by(p.reserve_order).limit(1).with_for_update()
        if row := (await session.scalars(first)).one_or_none():
            return row
    return None


async def open_schools(session: AsyncSession, actor: Actor) -> pl.DataFrame:
    """Open schools of the register within the actor's organization, ``SCHOOL_SCHEMA``."""
    r = RegisteredSchool
    columns = [getattr(r, name) for name in SCHOOL_SCHEMA]
    statement = visible(r, actor).where(~r.is_closed).with_only_columns(*columns).order_by(r.school_code)
    rows = [tuple(row) for row in (await session.execute(statement)).all()]
    return pl.DataFrame(rows, schema=SCHOOL_SCHEMA, orient="row")


async def registered_school(session: AsyncSession, actor: Actor, school_code: str) -> RegisteredSchool:
    """A school of the register; raises ``resource.not_found``."""
    r = RegisteredSchool
    return await one_visible(session, r, actor, r.school_code == school_code, what=f"school {school_code}")


async def register_schools(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Writes schools as the roster has them now."""
    statement = insert(RegisteredSchool)
    changed = {column.name: statement.excluded[column.name] for column in RegisteredSchool.__table__.columns}
    await session.execute(statement.on_conflict_do_update(index_elements=["school_code"], set_=changed), list(rows))
