"""Trainings in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, delete, func, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.trainings.rules import EnrollmentState
from services.teacher_eval.trainings.tables import (
    TrainingEnrollment,
    TrainingProgram,
    TrainingRating,
    TrainingRecord,
    TrainingTotal,
)
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:id, 9))")


def programs_of(actor: Actor) -> Select[TrainingProgram]:
    """Programs the actor sees."""
    return visible(TrainingProgram, actor)


async def program_by_code(session: AsyncSession, actor: Actor, code: str) -> TrainingProgram:
    """A program; raises ``resource.not_found``."""
    named = TrainingProgram.code == code
    return await one_visible(session, TrainingProgram, actor, named, what=f"training program {code}")


async def own_program_for_update(session: AsyncSession, actor: Actor, code: str) -> TrainingProgram | None:
    """A program of the actor's organization, locked, if there is one."""
    p = TrainingProgram
    statement = programs_of(actor).where(p.code == code, func.starts_with(p.org_path, actor.org)).with_for_update()
    return (await session.scalars(statement)).one_or_none()


def enrollments_of(actor: Actor, program: TrainingProgram) -> Select[TrainingEnrollment]:
    """People in a program within the actor's organization."""
    return visible(TrainingEnrollment, actor).where(TrainingEnrollment.program_id == program.id)


async def enrollments_for_update(
    session: AsyncSession, actor: Actor, program: TrainingProgram, staff_keys: Collection[str]
) -> Mapping[str, TrainingEnrollment]:
    """Some people in a program, locked, by key."""
    statement = enrollments_of(actor, program).where(TrainingEnrollment.staff_key.in_(sorted(staff_keys)))
    rows = await session.scalars(statement.order_by(TrainingEnrollment.staff_key).with_for_update())
    return {row.staff_key: row for row in rows.all()}


async def own_enrollment_for_update(
    session: AsyncSession, actor: Actor, program: TrainingProgram, staff_key: str
) -> TrainingEnrollment:
    """One person in a program, locked; raises ``resource.not_found``."""
    named = (TrainingEnrollment.program_id == program.id, TrainingEnrollment.staff_key == staff_key)
    return await one_visible_for_update(session, TrainingEnrollment, actor, *named, what="enrollment")


async def hold_seats(session: AsyncSession, program: TrainingProgram) -> None:
    """Lets nobody else enroll until the transaction ends.

    An advisory lock, because row-level security lets a school read the city's program but not lock its row.
    """
    await session.execute(_HOLD, {"id": str(program.id)})


async def seats_taken(session: AsyncSession, actor: Actor, program: TrainingProgram) -> int:
    """How many are in a program and did not withdraw."""
    e = TrainingEnrollment
    statement = enrollments_of(actor, program).where(e.state != EnrollmentState.WITHDRAWN)
    return (await session.scalars(statement.with_only_columns(func.count()))).one()


async def enrollment_counts(session: AsyncSession, actor: Actor, program: TrainingProgram) -> Mapping[str, int]:
    """People of a program by state."""
    e = TrainingEnrollment
    statement = enrollments_of(actor, program).with_only_columns(e.state, func.count()).group_by(e.state)
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}


async def ratings_of(
    session: AsyncSession, actor: Actor, program: TrainingProgram
) -> Sequence[tuple[int, int, int, int]]:
    """Points of every rating, in no order that says anything."""
    r = TrainingRating
    columns = (r.content, r.teaching, r.organization, r.usefulness)
    statement = visible(r, actor).where(r.program_id == program.id).with_only_columns(*columns).order_by(*columns)
    return [(row[0], row[1], row[2], row[3]) for row in (await session.execute(statement)).all()]


def records_of(actor: Actor) -> Select[TrainingRecord]:
    """Records within the actor's organization."""
    return visible(TrainingRecord, actor)


async def records_of_people(
    session: AsyncSession, actor: Actor, staff_keys: Collection[str]
) -> Sequence[TrainingRecord]:
    """Records of some people that were not voided, oldest first."""
    r = TrainingRecord
    statement = visible(r, actor).where(r.staff_key.in_(sorted(staff_keys)), r.voided_at.is_(None))
    return (await session.scalars(statement.order_by(r.completed_on, r.id))).all()


async def known_records(
    session: AsyncSession, actor: Actor, source: str, staff_keys: Collection[str]
) -> Mapping[tuple[str, str], TrainingRecord]:
    """Records of a source by person and record code, voided ones too, locked."""
    r = TrainingRecord
    statement = visible(r, actor).where(r.source == source, r.staff_key.in_(sorted(staff_keys)))
    rows = await session.scalars(statement.order_by(r.id).with_for_update())
    return {(row.staff_key, row.record_code): row for row in rows.all()}


async def add_records(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds many records at once."""
    if rows:
        await session.execute(insert(TrainingRecord), list(rows))


async def replace_totals(session: AsyncSession, staff_keys: Collection[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Puts new totals of some people in place of the old ones."""
    t = TrainingTotal
    await session.execute(delete(t).where(t.staff_key.in_(sorted(staff_keys))))
    if rows:
        await session.execute(insert(t), list(rows))


async def records_between(
    session: AsyncSession, actor: Actor, first: dt.date, last: dt.date
) -> Sequence[TrainingRecord]:
    """Records completed between two days that were not voided."""
    r = TrainingRecord
    statement = visible(r, actor).where(r.completed_on.between(first, last), r.voided_at.is_(None))
    return (await session.scalars(statement.order_by(r.completed_on, r.id))).all()
