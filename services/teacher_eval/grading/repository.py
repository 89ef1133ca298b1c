"""Decisions on grades and quotas in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, insert, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.tables import Member, SchoolCycle
from services.teacher_eval.grading.tables import GradeDecision, QuotaDecision
from shared.kernel.database.repository import visible
from shared.policy.annual_assessment import AnnualGrade
from shared.terms.actor import Actor

_CLAIM = text("select pg_advisory_xact_lock(hashtextextended(:county, 17))")


async def decisions_of(session: AsyncSession, actor: Actor, school: SchoolCycle) -> dict[uuid.UUID, GradeDecision]:
    """The decision that counts of everybody of a school who has one."""
    statement = (
        visible(GradeDecision, actor)
        .join(Member, Member.id == GradeDecision.member_id)
        .where(Member.school_cycle_id == school.id)
        .ext(distinct_on(GradeDecision.member_id))
        .order_by(GradeDecision.member_id, GradeDecision.seq.desc())
    )
    return {row.member_id: row for row in await session.scalars(statement)}


def history_of(actor: Actor, member_id: uuid.UUID) -> Select[GradeDecision]:
    """Every decision on one person's grade."""
    return visible(GradeDecision, actor).where(GradeDecision.member_id == member_id)


async def add_decisions(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds decisions."""
    await session.execute(insert(GradeDecision), list(rows))


async def quota_decision(session: AsyncSession, actor: Actor, school: SchoolCycle) -> QuotaDecision | None:
    """The decision on a school's quota that counts, or ``None``."""
    statement = visible(QuotaDecision, actor).where(QuotaDecision.school_cycle_id == school.id)
    return (await session.scalars(statement.order_by(QuotaDecision.seq.desc()).limit(1))).first()


async def quota_decisions(
    session: AsyncSession, actor: Actor, schools: Sequence[uuid.UUID]
) -> dict[uuid.UUID, QuotaDecision]:
    """The decision that counts of every school that has one."""
    statement = (
        visible(QuotaDecision, actor)
        .where(QuotaDecision.school_cycle_id.in_(schools))
        .ext(distinct_on(QuotaDecision.school_cycle_id))
        .order_by(QuotaDecision.school_cycle_id, QuotaDecision.seq.desc())
    )
    return {row.school_cycle_id: row for row in await session.scalars(statement)}


async def claim_county(session: AsyncSession, cycle_id: uuid.UUID, county_code: str) -> None:
    """Until commit nobody else decides on seats of this county: each sees what the one before has given out."""
    await session.execute(_CLAIM, {"county": f"{cycle_id}\n{county_code}"})


async def county_people(
    session: AsyncSession, actor: Actor, cycle_id: uuid.UUID, county_code: str
) -> Sequence[Mapping[str, Any]]:
    """People of a county by school, track, reason for no grade, and grade."""
    columns = (SchoolCycle.id, SchoolCycle.state, Member.track, Member.ungraded, Member.grade)
    statement = (
        visible(Member, actor)
        .join(SchoolCycle, SchoolCycle.id == Member.school_cycle_id)
        .where(Member.cycle_id == cycle_id, Member.removed_at.is_(None), SchoolCycle.county_code == county_code)
        .with_only_columns(*columns, func.count().label("people"))
        .group_by(*columns)
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def set_grades(session: AsyncSession, members: Sequence[Member], grades: Mapping[str, AnnualGrade]) -> None:
    """Puts the grade that counts beside the people."""
    for row in members:
        if row.staff_key in grades:
            row.grade = grades[row.staff_key]
    await session.flush()
