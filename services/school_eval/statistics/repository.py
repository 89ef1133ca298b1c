"""School statistics in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.statistics.tables import SchoolStatistics, StatisticsState
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor


def statistics_of_year(actor: Actor, school_year: str) -> Select[SchoolStatistics]:
    """Statistics of a year within the actor's organization."""
    return visible(SchoolStatistics, actor).where(SchoolStatistics.school_year == school_year)


async def statistics_of_school(
    session: AsyncSession, actor: Actor, school_year: str, org_path: str
) -> SchoolStatistics:
    """Statistics of a school; raises ``resource.not_found``."""
    s = SchoolStatistics
    named = (s.school_year == school_year, s.org_path == org_path)
    return await one_visible(session, s, actor, *named, what=f"statistics {school_year}")


async def statistics_for_update(
    session: AsyncSession, actor: Actor, school_year: str, org_paths: Collection[str]
) -> Mapping[str, SchoolStatistics]:
    """Statistics of some schools by path, locked in one order."""
    s = SchoolStatistics
    statement = statistics_of_year(actor, school_year).where(s.org_path.in_(org_paths)).order_by(s.org_path)
    rows = (await session.scalars(statement.with_for_update())).all()
    return {row.org_path: row for row in rows}


async def states_of(session: AsyncSession, actor: Actor, row: SchoolStatistics) -> Sequence[StatisticsState]:
    """Every state of a school's statistics, oldest first."""
    statement = visible(StatisticsState, actor).where(StatisticsState.statistics_id == row.id)
    return (await session.scalars(statement.order_by(StatisticsState.number))).all()


async def all_of_year(
    session: AsyncSession, actor: Actor, school_year: str, *, below: str | None = None
) -> Sequence[SchoolStatistics]:
    """Statistics of all schools of a year, by school."""
    statement = statistics_of_year(actor, school_year)
    if below is not None:
        statement = statement.where(within(SchoolStatistics.org_path, below))
    return (await session.scalars(statement.order_by(SchoolStatistics.school_code))).all()


async def counts_by_county(session: AsyncSession, actor: Actor, school_year: str) -> Mapping[str, tuple[int, int]]:
    """Per county: schools with statistics, and those that confirmed them."""
    s = SchoolStatistics
    confirmed = func.count().filter(s.confirmed_at.is_not(None))
    statement = statistics_of_year(actor, school_year).with_only_columns(s.county_code, func.count(), confirmed)
    rows = await session.execute(statement.group_by(s.county_code).order_by(s.county_code))
    return {county: (count, sure) for county, count, sure in rows.all()}
