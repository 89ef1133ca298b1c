"""Holders by group, targets, and who was trained, in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.staff_register.tables import StaffCount
from services.teacher_eval.title_coverage.tables import TitleTarget
from services.teacher_eval.titles.rules import TitleState
from services.teacher_eval.titles.tables import Title
from services.teacher_eval.trainings.tables import TrainingRecord
from shared.kernel.database.repository import visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor


class GroupHeld(NamedTuple):
    """Holders and active staff of a group; staff is ``None`` where nobody knows who belongs to it."""

    group: Any
    held: int
    staff: int | None


def _held(actor: Actor, ladder: str, rung: str) -> Select[Title]:
    t = Title
    return visible(t, actor).where(t.ladder == ladder, t.rung == rung, t.state == TitleState.RECOGNIZED)


async def held_by(session: AsyncSession, actor: Actor, grouping: str, *, ladder: str, rung: str) -> Sequence[GroupHeld]:
    """Holders by a property of schools, against everybody on their active staff.

    Both are read by school and put together here: behind row-level security the planner takes either side for a
    handful of rows, and joins two thousand schools in a nested loop.
    """
    by_school = (
        _held(actor, ladder, rung).with_only_columns(Title.school_code, func.count()).group_by(Title.school_code)
    )
    held = {row[0]: row[1] for row in (await session.execute(by_school)).all()}
    c = StaffCount
    schools = visible(c, actor).with_only_columns(c.school_code, getattr(c, grouping), c.count)
    groups: dict[Any, list[int]] = {}
    for school, group, staff in (await session.execute(schools)).all():
        counted = groups.setdefault(group, [0, 0])
        counted[0] += held.get(school, 0)
        counted[1] += staff
    return [GroupHeld(group, counted[0], counted[1]) for group, counted in groups.items()]


async def held_by_subject(session: AsyncSession, actor: Actor, *, ladder: str, rung: str) -> Sequence[GroupHeld]:
    """Holders by subject of the title; the register does not say how many teach a subject."""
    statement = _held(actor, ladder, rung).with_only_columns(Title.subject, func.count()).group_by(Title.subject)
    return [GroupHeld(row[0], row[1], None) for row in (await session.execute(statement)).all()]


async def held_count(session: AsyncSession, actor: Actor, org_path: str, *, ladder: str, rung: str) -> int:
    """Holders within an organization."""
    statement = _held(actor, ladder, rung).where(within(Title.org_path, org_path))
    return (await session.scalars(statement.with_only_columns(func.count()))).one()


async def staff_count(session: AsyncSession, actor: Actor) -> int:
    """Active staff within the actor's organization."""
    statement = visible(StaffCount, actor).with_only_columns(func.coalesce(func.sum(StaffCount.count), 0))
    return int((await session.scalars(statement)).one())


async def trained_count(session: AsyncSession, actor: Actor, first: dt.date, last: dt.date) -> int:
    """People with any completed training between two days."""
    r = TrainingRecord
    statement = visible(r, actor).where(r.completed_on.between(first, last), r.voided_at.is_(None))
    return (await session.scalars(statement.with_only_columns(func.count(r.staff_key.distinct())))).one()


def targets_of(actor: Actor) -> Select[TitleTarget]:
    """Targets within the actor's organization."""
    return visible(TitleTarget, actor)


async def target_for_update(
    session: AsyncSession, actor: Actor, org_path: str, ladder: str, rung: str, goal_year: int
) -> TitleTarget | None:
    """A target, locked, if there is one."""
    t = TitleTarget
    named = (t.org_path == org_path, t.ladder == ladder, t.rung == rung, t.goal_year == goal_year)
    return (await session.scalars(targets_of(actor).where(*named).with_for_update())).one_or_none()
