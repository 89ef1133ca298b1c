"""Results of schools in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SchoolState
from services.teacher_eval.cycles.tables import Cycle, Member, SchoolCycle
from services.teacher_eval.results.rules import newest_of
from services.teacher_eval.results.tables import ResultAppeal, SchoolResult
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor
from shared.workflow.appeals import OPEN

_SET_TOTALS = text(
    "update cycle_members m set total = v.total "
    "from unnest(cast(:keys as text[]), cast(:totals as numeric[])) as v(key, total) "
    "where m.cycle_id = cast(:cycle as uuid) and m.staff_key = v.key"
)


async def versions_of(session: AsyncSession, actor: Actor, school: SchoolCycle) -> Sequence[SchoolResult]:
    """Every version of a school's results."""
    statement = visible(SchoolResult, actor).where(SchoolResult.school_cycle_id == school.id)
    return (await session.scalars(statement)).all()


async def newest_result(session: AsyncSession, actor: Actor, school: SchoolCycle) -> SchoolResult | None:
    """The version in force, or ``None``."""
    return newest_of(await versions_of(session, actor, school))


async def newest_results(
    session: AsyncSession, actor: Actor, schools: Collection[uuid.UUID]
) -> dict[uuid.UUID, SchoolResult]:
    """The version in force of every school that has one."""
    statement = visible(SchoolResult, actor).where(SchoolResult.school_cycle_id.in_(schools))
    ordered = statement.order_by(SchoolResult.school_cycle_id, SchoolResult.major, SchoolResult.minor)
    return {row.school_cycle_id: row for row in await session.scalars(ordered)}


async def schools_in(
    session: AsyncSession, cycle_id: uuid.UUID, states: Collection[SchoolState], *, below: str
) -> Sequence[SchoolCycle]:
    """Schools at or below an organization that are in one of these states, locked, for a job."""
    statement = select(SchoolCycle).where(
        SchoolCycle.cycle_id == cycle_id,
        SchoolCycle.state.in_(sorted(states)),
        SchoolCycle.org_path.startswith(below, autoescape=True),
    )
    return (await session.scalars(statement.order_by(SchoolCycle.school_code).with_for_update())).all()


async def set_totals(session: AsyncSession, cycle_id: uuid.UUID, totals: Mapping[str, float | None]) -> None:
    """Puts totals, as printed, beside the people they are of."""
    arguments = {"cycle": str(cycle_id), "keys": list(totals), "totals": list(totals.values())}
    await session.execute(_SET_TOTALS, arguments)


async def open_appeal_count(session: AsyncSession, actor: Actor, kind: str, prefix: str) -> int:
    """Appeals of a kind against results whose key begins so that are not over."""
    statement = visible(ResultAppeal, actor).where(
        ResultAppeal.subject_type == kind,
        ResultAppeal.subject_key.startswith(prefix, autoescape=True),
        ResultAppeal.state.in_(sorted(OPEN)),
    )
    return await session.scalar(statement.with_only_columns(func.count())) or 0


async def grade_counts(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """How many people of visible counties have which grade, once their schools' results were filed."""
    filed = (SchoolState.FILED, SchoolState.ARCHIVED)
    statement = (
        visible(Member, actor)
        .join(SchoolCycle, SchoolCycle.id == Member.school_cycle_id)
        .where(Member.cycle_id == cycle_id, Member.removed_at.is_(None), SchoolCycle.state.in_(filed))
        .with_only_columns(SchoolCycle.county_code, Member.grade, func.count().label("people"))
        .group_by(SchoolCycle.county_code, Member.grade)
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def totals_by_group(session: AsyncSession, actor: Actor, school: SchoolCycle, group: str) -> list[float]:
    """Totals of a group of a school, without whose they are."""
    statement = visible(Member, actor).where(
        Member.school_cycle_id == school.id,
        Member.group == group,
        Member.removed_at.is_(None),
        Member.total.is_not(None),
    )
    return [
        float(total) for total in await session.scalars(statement.with_only_columns(Member.total)) if total is not None
    ]


async def confirmed_of_people(
    session: AsyncSession, actor: Actor, staff_keys: Collection[str]
) -> Sequence[tuple[Member, Cycle]]:
    """Confirmed annual results of some people with their cycles, oldest first."""
    confirmed = (SchoolState.CONFIRMED, SchoolState.FILED, SchoolState.ARCHIVED)
    statement = (
        visible(Member, actor)
        .join(SchoolCycle, SchoolCycle.id == Member.school_cycle_id)
        .join(Cycle, Cycle.id == Member.cycle_id)
        .where(Member.staff_key.in_(sorted(staff_keys)), Member.removed_at.is_(None), SchoolCycle.state.in_(confirmed))
        .add_columns(Cycle)
        .order_by(Cycle.school_year, Cycle.code)
    )
    return [(row[0], row[1]) for row in (await session.execute(statement)).all()]


async def confirmed_totals(
    session: AsyncSession, actor: Actor, cycle_id: uuid.UUID, *, track: str, group: str
) -> list[float]:
    """Totals of everybody of a track and group of a cycle whose school has confirmed its results."""
    confirmed = (SchoolState.CONFIRMED, SchoolState.FILED, SchoolState.ARCHIVED)
    same = (Member.cycle_id == cycle_id, Member.track == track, Member.group == group)
    statement = (
        visible(Member, actor)
        .join(SchoolCycle, SchoolCycle.id == Member.school_cycle_id)
        .where(*same, Member.total.is_not(None), Member.removed_at.is_(None), SchoolCycle.state.in_(confirmed))
        .with_only_columns(Member.total)
    )
    return [float(total) for total in (await session.scalars(statement)).all() if total is not None]
