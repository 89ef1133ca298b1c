"""Totals of hours in the database."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.staff_register.tables import StaffCount
from services.teacher_eval.trainings.tables import TrainingTotal
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

GROUPINGS = ("county_code", "school_code", "stages", "is_rural")


class GroupHours(NamedTuple):
    """Hours of one group."""

    group: Any
    trained: int
    completed: int
    hours: Decimal


async def hours_by(
    session: AsyncSession, actor: Actor, grouping: str, *, first_year: int, needed: int
) -> Sequence[GroupHours]:
    """Who has any hours in a period, who has all of them, and the sum, by group."""
    t = TrainingTotal
    column = getattr(t, grouping)
    statement = visible(t, actor).where(t.first_year == first_year, t.hours > 0).group_by(column).with_only_columns(
        column, func.count(), func.count().filter(t.hours >= needed), func.sum(t.hours)
    )  # fmt: skip
    return [GroupHours(*row) for row in (await session.execute(statement)).all()]


async def staff_by(session: AsyncSession, actor: Actor, grouping: str) -> dict[Any, int]:
    """Active staff by group, out of the counts of schools."""
    c = StaffCount
    column = getattr(c, grouping)
    statement = visible(c, actor).group_by(column).with_only_columns(column, func.sum(c.count))
    return {group: int(count) for group, count in (await session.execute(statement)).all()}
