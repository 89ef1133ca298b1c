"""Timetables in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.timetables.tables import SchoolTimetable
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor


def timetables_of(actor: Actor, school_year: str, semester: int) -> Select[SchoolTimetable]:
    """Timetables of a semester within the actor's organization."""
    t = SchoolTimetable
    return visible(t, actor).where(t.school_year == school_year, t.semester == semester)


async def timetable_of(
    session: AsyncSession, actor: Actor, school_year: str, semester: int, org_path: str
) -> SchoolTimetable:
    """Timetables of a school; raises ``resource.not_found``."""
    t = SchoolTimetable
    named = (t.school_year == school_year, t.semester == semester, t.org_path == org_path)
    return await one_visible(session, t, actor, *named, what=f"timetable {school_year} {semester}")


async def timetable_for_update(
    session: AsyncSession, actor: Actor, school_year: str, semester: int, org_path: str
) -> SchoolTimetable | None:
    """Timetables of a school, locked, if there are any."""
    statement = timetables_of(actor, school_year, semester).where(SchoolTimetable.org_path == org_path)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def all_of_year(
    session: AsyncSession, actor: Actor, school_year: str, *, below: str
) -> Sequence[SchoolTimetable]:
    """Timetables of a year within an organization, by school and semester."""
    t = SchoolTimetable
    statement = visible(t, actor).where(t.school_year == school_year, within(t.org_path, below))
    return (await session.scalars(statement.order_by(t.school_code, t.semester))).all()
