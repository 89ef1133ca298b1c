"""Results of terms in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, delete, func, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.development_results.tables import DevelopmentCount, DevelopmentResult, PupilDevelopment
from services.student_eval.development_terms.tables import DevelopmentTerm
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor

COUNTS = {
    "group": pl.String(),
    "node": pl.String(),
    "grade": pl.String(),
    "pupils": pl.Int64(),
    "share_sum": pl.Float64(),
}


async def last_numbers(session: AsyncSession, actor: Actor, term_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Number of the last computation of each term that has one."""
    r = DevelopmentResult
    statement = visible(r, actor).where(r.term_id.in_(term_ids)).with_only_columns(r.term_id, func.max(r.number))
    return {row[0]: row[1] for row in await session.execute(statement.group_by(r.term_id))}


async def results_of(session: AsyncSession, actor: Actor, term_id: uuid.UUID) -> Sequence[DevelopmentResult]:
    """Every computation of a term, the last first."""
    r = DevelopmentResult
    return (await session.scalars(visible(r, actor).where(r.term_id == term_id).order_by(r.number.desc()))).all()


async def forget_told(session: AsyncSession, term_ids: Collection[uuid.UUID]) -> None:
    """Takes away what pupils are told of terms, and their counts; computations stay."""
    for table in (PupilDevelopment, DevelopmentCount):
        await session.execute(delete(table).where(table.term_id.in_(term_ids)))


async def add_told(
    session: AsyncSession, pupils: Sequence[Mapping[str, Any]], counts: Sequence[Mapping[str, Any]]
) -> None:
    """Puts in force what pupils are told, and the counts."""
    if pupils:
        await session.execute(insert(PupilDevelopment), list(pupils))
    if counts:
        await session.execute(insert(DevelopmentCount), list(counts))


def told_in(actor: Actor, term_id: uuid.UUID) -> Select[PupilDevelopment]:
    """What the pupils of a class are told."""
    return visible(PupilDevelopment, actor).where(PupilDevelopment.term_id == term_id)


async def told_of(
    session: AsyncSession, actor: Actor, student_key: str
) -> Sequence[tuple[PupilDevelopment, DevelopmentTerm]]:
    """What a pupil is told, term by term, the first first; the caller answers for whose it is."""
    p, t = PupilDevelopment, DevelopmentTerm
    statement = visible(p, actor).where(p.student_key == student_key).join(t, t.id == p.term_id).add_columns(t)
    rows = await session.execute(statement.order_by(p.school_year, p.semester))
    return [(row[0], row[1]) for row in rows]


async def result_by_id(session: AsyncSession, actor: Actor, result_id: uuid.UUID) -> DevelopmentResult:
    """A computation; raises ``resource.not_found``."""
    r = DevelopmentResult
    return await one_visible(session, r, actor, r.id == result_id, what="development result")


async def counts_below(
    session: AsyncSession,
    actor: Actor,
    *,
    org_path: str,
    school_year: str,
    semester: int,
    scheme: str,
    by: str,
    nodes: Collection[str],
) -> pl.DataFrame:
    """Pupils by group, node and grade (``COUNTS``) at or below an organization, added up by the database."""
    c = DevelopmentCount
    group = getattr(c, by)
    of = (c.school_year == school_year, c.semester == semester, c.scheme_code == scheme, c.node.in_(nodes))
    statement = visible(c, actor).where(within(c.org_path, org_path), *of)
    sums = (group, c.node, c.grade, func.sum(c.pupils), func.sum(c.share_sum))
    rows = await session.execute(statement.with_only_columns(*sums).group_by(group, c.node, c.grade))
    found = [(str(row[0]), row[1], row[2], int(row[3]), float(row[4])) for row in rows]
    return pl.DataFrame(found, schema=COUNTS, orient="row").sort("group", "node", "grade")


async def last_semesters(session: AsyncSession, actor: Actor, school_year: str, scheme: str) -> pl.DataFrame:
    """``school_code, county_code, semester``: the last semester of a year that each school has told of."""
    c = DevelopmentCount
    statement = visible(c, actor).where(c.school_year == school_year, c.scheme_code == scheme)
    columns = statement.with_only_columns(c.school_code, c.county_code, func.max(c.semester))
    rows = await session.execute(columns.group_by(c.school_code, c.county_code))
    schema = {"school_code": pl.String, "county_code": pl.String, "semester": pl.Int64}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row").sort("school_code")


async def pupils_listed(
    session: AsyncSession, actor: Actor, *, org_path: str, school_year: str, semester: int
) -> pl.DataFrame:
    """``school_code, county_code, class_count, pupils, reported_pupils`` of every school with terms in a semester."""
    t = DevelopmentTerm
    pupils = func.jsonb_array_length(t.members)
    statement = visible(t, actor).where(
        within(t.org_path, org_path), t.school_year == school_year, t.semester == semester
    )
    is_reported = t.state == "reported"
    columns = statement.with_only_columns(
        t.school_code,
        t.county_code,
        func.count(),
        func.sum(pupils),
        func.coalesce(func.sum(pupils).filter(is_reported), 0),
    )
    rows = await session.execute(columns.group_by(t.school_code, t.county_code))
    schema = {
        "school_code": pl.String,
        "county_code": pl.String,
        "class_count": pl.Int64,
        "pupils": pl.Int64,
        "reported_pupils": pl.Int64,
    }
    found = [(*row[:3], int(row[3]), int(row[4])) for row in rows]
    return pl.DataFrame(found, schema=schema, orient="row").sort("school_code")
