"""Points of the annual evaluation as the pay of a school rests on them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles import repository
from services.teacher_eval.cycles.rules import SETTLED, SchoolState
from services.teacher_eval.cycles.tables import SchoolCycle
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments

#: Points count once the school has confirmed them.
CONFIRMED = SETTLED | {SchoolState.ARCHIVED}
POINTS_SCHEMA = {"staff_key": pl.String(), "points": pl.Float64(), "grade": pl.String()}


async def results_of(session: AsyncSession, actor: Actor, *, cycle: str, school_path: str) -> pl.DataFrame | None:
    """Confirmed results of a school's people, ``POINTS_SCHEMA``; people without a total or grade have null.

    Args:
        session: the transaction.
        actor: on whose behalf.
        cycle: code of the cycle.
        school_path: organization path of the school.

    Returns:
        ``None`` where the cycle or the school is not there, or nothing was confirmed yet.
    """
    school = await _confirmed_school(session, actor, cycle, school_path)
    if school is None:
        return None
    members = await repository.all_members(session, actor, school)
    rows = [(row.staff_key, None if row.total is None else float(row.total), row.grade) for row in members]
    return pl.DataFrame(rows, schema=POINTS_SCHEMA, orient="row")


async def points_of(session: AsyncSession, actor: Actor, *, cycle: str, school_path: str) -> Mapping[str, float] | None:
    """Confirmed points by staff key, of those who have any; ``None`` as :func:`results_of`."""
    found = await results_of(session, actor, cycle=cycle, school_path=school_path)
    return None if found is None else dict(found.drop_nulls("points").select("staff_key", "points").iter_rows())


async def _confirmed_school(session: AsyncSession, actor: Actor, cycle: str, school_path: str) -> SchoolCycle | None:
    try:
        row = await repository.cycle_by_code(session, actor, cycle)
        school = await repository.school_of(session, actor, row.id, path_segments(school_path)[-1])
    except DomainError:
        return None
    return school if school.org_path == school_path and school.state in CONFIRMED else None
