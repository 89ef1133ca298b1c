"""Cycles, schools and members in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.tables import Cycle, Member, SchoolCycle
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

_CLAIM = text("select pg_advisory_xact_lock(hashtextextended(:id, 16))")


async def cycle_by_code(session: AsyncSession, actor: Actor, code: str) -> Cycle:
    """The cycle, or ``resource.not_found``."""
    return await one_visible(session, Cycle, actor, Cycle.code == code, what=f"cycle {code}")


async def own_cycle(session: AsyncSession, actor: Actor, code: str) -> Cycle | None:
    """The actor's own cycle, locked, or ``None``."""
    statement = visible(Cycle, actor).where(Cycle.code == code, Cycle.org_path == actor.org)
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def cycle_for_update(session: AsyncSession, actor: Actor, code: str) -> Cycle:
    """A cycle, locked, or ``resource.not_found``."""
    return await one_visible_for_update(session, Cycle, actor, Cycle.code == code, what=f"cycle {code}")


async def cycle_by_id(session: AsyncSession, cycle_id: uuid.UUID) -> Cycle:
    """The cycle a job works on, locked; jobs act for the whole service."""
    await session.execute(_CLAIM, {"id": str(cycle_id)})
    return (await session.execute(select(Cycle).where(Cycle.id == cycle_id).with_for_update())).scalar_one()


async def school_of(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID, school_code: str) -> SchoolCycle:
    """A school's evaluation, or ``resource.not_found``."""
    where = (SchoolCycle.cycle_id == cycle_id, SchoolCycle.school_code == school_code)
    return await one_visible(session, SchoolCycle, actor, *where, what=f"school {school_code}")


async def school_for_update(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID, school_code: str) -> SchoolCycle:
    """A school's evaluation, locked: its steps and values come one after the other."""
    where = (SchoolCycle.cycle_id == cycle_id, SchoolCycle.school_code == school_code)
    return await one_visible_for_update(session, SchoolCycle, actor, *where, what=f"school {school_code}")


async def add_rows(
    session: AsyncSession, table: type[SchoolCycle] | type[Member], rows: Sequence[Mapping[str, Any]]
) -> None:
    """Adds frozen schools or people, many at once."""
    await session.execute(insert(table), list(rows))


def schools_of(actor: Actor, cycle_id: uuid.UUID) -> Select[SchoolCycle]:
    """Visible schools of a cycle."""
    return visible(SchoolCycle, actor).where(SchoolCycle.cycle_id == cycle_id)


def members_of(actor: Actor, school: SchoolCycle) -> Select[Member]:
    """People of a school who have not been removed."""
    return visible(Member, actor).where(Member.school_cycle_id == school.id, Member.removed_at.is_(None))


async def all_members(session: AsyncSession, actor: Actor, school: SchoolCycle) -> Sequence[Member]:
    """People of a school by key."""
    return (await session.scalars(members_of(actor, school).order_by(Member.staff_key))).all()


async def member_of(session: AsyncSession, actor: Actor, school: SchoolCycle, staff_key: str) -> Member:
    """One of a school's people, or ``resource.not_found``."""
    where = (Member.school_cycle_id == school.id, Member.staff_key == staff_key, Member.removed_at.is_(None))
    return await one_visible(session, Member, actor, *where, what=f"member {staff_key}")


async def find_member(session: AsyncSession, actor: Actor, school: SchoolCycle, staff_key: str) -> Member | None:
    """One of a school's people, removed or not, or ``None``."""
    statement = visible(Member, actor).where(Member.school_cycle_id == school.id, Member.staff_key == staff_key)
    return (await session.scalars(statement)).one_or_none()


async def own_member(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID) -> Member:
    """The member whom the actor's account stands for, or ``resource.not_found``."""
    where = (Member.cycle_id == cycle_id, Member.staff_key == (actor.person or ""), Member.removed_at.is_(None))
    return await one_visible(session, Member, actor, *where, what="own evaluation")


async def member_frame(session: AsyncSession, cycle_id: uuid.UUID, *, below: str) -> pl.DataFrame:
    """Everybody at or below an organization who is judged, for a job: ``staff_key, school_code, org_path, …``."""
    columns = (Member.staff_key, Member.school_code, Member.org_path, Member.track, Member.group, Member.post)
    statement = select(*columns, Member.professional_title).where(
        Member.cycle_id == cycle_id, Member.removed_at.is_(None), Member.org_path.startswith(below, autoescape=True)
    )
    rows = [tuple(row) for row in await session.execute(statement)]
    names = ("staff_key", "school_code", "org_path", "track", "group", "post", "professional_title")
    schema = {name: pl.String() for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("school_code", "staff_key")


async def state_counts(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID) -> Mapping[str, int]:
    """How many visible schools are in which state."""
    statement = (
        schools_of(actor, cycle_id).with_only_columns(SchoolCycle.state, func.count()).group_by(SchoolCycle.state)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def burden_figures(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID) -> Mapping[str, Any]:
    """How many figures visible people enter by hand: least, median, most and in all."""
    asked = Member.asked_count
    statement = visible(Member, actor).where(Member.cycle_id == cycle_id, Member.removed_at.is_(None))
    columns = statement.with_only_columns(
        func.count().label("members"),
        func.coalesce(func.min(asked), 0).label("asked_least"),
        func.coalesce(func.percentile_cont(0.5).within_group(asked), 0).label("asked_median"),
        func.coalesce(func.max(asked), 0).label("asked_most"),
        func.coalesce(func.sum(asked), 0).label("asked_total"),
    )
    return dict((await session.execute(columns)).mappings().one())


async def listed_schools(session: AsyncSession, cycle_id: uuid.UUID, staff_keys: Collection[str]) -> dict[str, str]:
    """In which school's list each of these people stands, wherever that is, for a job; removed ones stand there too."""
    columns = select(Member.staff_key, Member.school_code)
    found = await session.execute(columns.where(Member.cycle_id == cycle_id, Member.staff_key.in_(staff_keys)))
    return {row[0]: row[1] for row in found}
