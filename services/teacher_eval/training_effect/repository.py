"""Totals of two annual evaluations, and rungs reached, in the database."""

from __future__ import annotations

import datetime as dt
import uuid

import polars as pl
from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.rules import SchoolState
from services.teacher_eval.cycles.tables import Member, SchoolCycle
from services.teacher_eval.titles.tables import Title
from services.teacher_eval.trainings.repository import enrollments_of
from services.teacher_eval.trainings.rules import EnrollmentState
from services.teacher_eval.trainings.tables import TrainingEnrollment, TrainingProgram
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

_CONFIRMED = (SchoolState.CONFIRMED, SchoolState.FILED, SchoolState.ARCHIVED)
_SCHEMA = {"staff_key": pl.String, "track": pl.String, "group": pl.String, "total": pl.Float64}


async def totals(session: AsyncSession, actor: Actor, cycle_id: uuid.UUID) -> pl.DataFrame:
    """``staff_key, track, group, total`` of everybody with a confirmed total in a cycle."""
    m = Member
    statement = (
        visible(m, actor)
        .join(SchoolCycle, SchoolCycle.id == m.school_cycle_id)
        .where(m.cycle_id == cycle_id, m.total.is_not(None), m.removed_at.is_(None), SchoolCycle.state.in_(_CONFIRMED))
        .with_only_columns(m.staff_key, m.track, m.group, m.total)
    )
    found = (await session.execute(statement)).all()
    rows = [(row[0], row[1], row[2], float(row[3])) for row in found if row[3] is not None]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


async def completed_keys(session: AsyncSession, actor: Actor, program: TrainingProgram) -> set[str]:
    """Who completed a program."""
    e = TrainingEnrollment
    statement = enrollments_of(actor, program).where(e.state == EnrollmentState.COMPLETED)
    return set((await session.scalars(statement.with_only_columns(e.staff_key))).all())


async def reached_rungs(session: AsyncSession, actor: Actor, since: dt.date) -> set[str]:
    """Who was recognized for any rung since a day."""
    statement = visible(Title, actor).where(Title.recognized_on >= since)
    return set((await session.scalars(statement.with_only_columns(func.distinct(Title.staff_key)))).all())
