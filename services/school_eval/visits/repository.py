"""Visits, raters and ratings in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

import polars as pl
from sqlalchemy import Select, Text, cast, func
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from services.school_eval.visit_plans.tables import VisitPlan
from services.school_eval.visits.rules import MADE, SHOWN, VisitKind, VisitState
from services.school_eval.visits.tables import Visit, VisitRater, VisitRating
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor

_RATER_SCHEMA = {"rater_id": pl.String(), "visit": pl.String(), "rater": pl.String()}
_LIST_SCHEMA = {"rater_id": pl.String(), "item": pl.List(pl.String()), "rating": pl.List(pl.Int64())}


def visits_of(actor: Actor) -> Select[Visit]:
    """Visits the actor may know of: of their office and those below it, of their school once it is told."""
    return visible(Visit, actor)


def without_outcomes(statement: Select[Visit]) -> Select[Visit]:
    """The same without what visits found, which is long."""
    return statement.options(defer(Visit.outcome, raiseload=True))


async def visit_by_id(session: AsyncSession, actor: Actor, visit_id: uuid.UUID) -> Visit:
    """A visit; raises ``resource.not_found``."""
    return await one_visible(session, Visit, actor, Visit.id == visit_id, what=f"visit {visit_id}")


async def visit_for_update(session: AsyncSession, actor: Actor, visit_id: uuid.UUID) -> Visit:
    """The same, locked."""
    return await one_visible_for_update(session, Visit, actor, Visit.id == visit_id, what=f"visit {visit_id}")


async def visit_or_none(session: AsyncSession, actor: Actor, visit_id: uuid.UUID) -> Visit | None:
    """A visit, locked, if there is one."""
    statement = visits_of(actor).where(Visit.id == visit_id).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def open_visit_of(session: AsyncSession, actor: Actor, plan: VisitPlan, school_code: str) -> Visit | None:
    """The visit of a planned school that was not cancelled."""
    v = Visit
    statement = visits_of(actor).where(v.plan_id == plan.id, v.school_code == school_code)
    return (await session.scalars(statement.where(v.state != VisitState.CANCELLED))).one_or_none()


async def count_in_semester(
    session: AsyncSession,
    actor: Actor,
    school_code: str,
    *,
    school_year: str,
    semester: int,
    besides: uuid.UUID,
) -> int:
    """Routine visits of a school in a semester that the actor knows of, made or to be made, by whatever office."""
    v = Visit
    statement = visits_of(actor).where(
        v.id != besides,
        v.school_code == school_code,
        v.kind == VisitKind.PLANNED,
        v.state != VisitState.CANCELLED,
        v.school_year == school_year,
        v.semester == semester,
    )
    counted = statement.with_only_columns(func.count())
    return int((await session.execute(counted)).scalar_one())


async def visited_schools(
    session: AsyncSession, actor: Actor, *, school_year: str, semester: int | None
) -> pl.DataFrame:
    """Schools visited ever: ``unit_code, last_visited_on`` and ``visits_in_semester`` (0 where no semester is asked)."""
    v = Visit
    in_semester = func.count().filter(v.school_year == school_year, v.semester == (semester or 0))
    made = visits_of(actor).where(v.kind == VisitKind.PLANNED, v.state.in_(MADE))
    statement = made.with_only_columns(v.school_code, func.max(v.started_on), in_semester).group_by(v.school_code)
    rows = [tuple(row) for row in (await session.execute(statement)).all()]
    schema = {"unit_code": pl.String(), "last_visited_on": pl.Date(), "visits_in_semester": pl.Int64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


async def visits_by_school(session: AsyncSession, actor: Actor, *, school_year: str, semester: int) -> pl.DataFrame:
    """What was visited by whom: ``unit_code, office_path, last_visited_on, in_year, in_semester``."""
    v = Visit
    in_year = func.count().filter(v.school_year == school_year)
    in_semester = func.count().filter(v.school_year == school_year, v.semester == semester)
    made = visits_of(actor).where(v.kind == VisitKind.PLANNED, v.state.in_(MADE))
    statement = made.with_only_columns(v.school_code, v.office_path, func.max(v.started_on), in_year, in_semester)
    found = await session.execute(statement.group_by(v.school_code, v.office_path))
    schema = {
        "unit_code": pl.String(),
        "office_path": pl.String(),
        "last_visited_on": pl.Date(),
        "in_year": pl.Int64(),
        "in_semester": pl.Int64(),
    }
    return pl.DataFrame([tuple(row) for row in found.all()], schema=schema, orient="row")


async def raters_of(session: AsyncSession, actor: Actor, visit: Visit) -> Sequence[VisitRater]:
    """Those sent on a visit, the lead first."""
    r = VisitRater
    statement = visible(r, actor).where(r.visit_id == visit.id).order_by(r.is_lead.desc(), r.id)
    return (await session.scalars(statement)).all()


def visits_for_rater(actor: Actor) -> Select[Visit]:
    """Visits the actor is sent on."""
    r = VisitRater
    mine = visible(r, actor).where(r.account == actor.subject, r.recused_at.is_(None)).with_only_columns(r.visit_id)
    return visits_of(actor).where(Visit.id.in_(mine))


async def rater_for_update(session: AsyncSession, actor: Actor, visit: Visit) -> VisitRater | None:
    """The actor as rater of a visit, locked; nobody who is not sent or has stepped aside."""
    r = VisitRater
    mine = (r.visit_id == visit.id, r.account == actor.subject, r.recused_at.is_(None))
    return (await session.scalars(visible(r, actor).where(*mine).with_for_update())).one_or_none()


async def ratings_of(session: AsyncSession, actor: Actor, raters: Sequence[VisitRater]) -> Sequence[VisitRating]:
    """Ratings of raters, by item."""
    r = VisitRating
    ids = [rater.id for rater in raters]
    statement = visible(r, actor).where(r.rater_id.in_(ids)).order_by(r.item_key, r.id)
    return (await session.scalars(statement)).all()


async def ratings_for_update(
    session: AsyncSession, actor: Actor, rater: VisitRater, keys: Collection[str]
) -> Mapping[str, VisitRating]:
    """A rater's ratings of some items, locked, by item."""
    r = VisitRating
    statement = visible(r, actor).where(r.rater_id == rater.id, r.item_key.in_(sorted(keys)))
    found = await session.scalars(statement.order_by(r.item_key).with_for_update())
    return {row.item_key: row for row in found.all()}


async def rated_visits(session: AsyncSession, actor: Actor, *, school_year: str, area: str) -> Sequence[Visit]:
    """Visits of a school year that are rated, of schools within an organization, first ones first."""
    v = Visit
    statement = visits_of(actor).where(within(v.org_path, area), v.school_year == school_year, v.state.in_(SHOWN))
    return (await session.scalars(statement.order_by(v.started_on, v.id))).all()


async def rated_by_office(session: AsyncSession, actor: Actor, *, school_year: str) -> Sequence[Visit]:
    """Rated routine visits of the own office in a school year, without what they found."""
    v = Visit
    statement = visits_of(actor).where(v.office_path == actor.org, v.kind == VisitKind.PLANNED)
    rated = statement.where(v.school_year == school_year, v.state.in_(SHOWN)).order_by(v.id)
    return (await session.scalars(without_outcomes(rated))).all()


async def rating_rows(session: AsyncSession, actor: Actor, visits: Sequence[Visit]) -> pl.DataFrame:
    """Ratings of visits: ``visit, rater, item, rating`` (null: does not apply)."""
    r, q = VisitRater, VisitRating
    ids = [visit.id for visit in visits]
    raters = visible(r, actor).where(r.visit_id.in_(ids), r.recused_at.is_(None))
    named = await session.execute(raters.with_only_columns(cast(r.id, Text), cast(r.visit_id, Text), r.account))
    by_rater = pl.DataFrame([tuple(row) for row in named.all()], schema=_RATER_SCHEMA, orient="row")
    # One list per rater: tens of thousands of ratings come as some hundred rows.
    lists = (
        visible(q, actor)
        .where(q.visit_id.in_(ids))
        .with_only_columns(cast(q.rater_id, Text), func.array_agg(q.item_key), func.array_agg(q.rating))
    )
    found = await session.execute(lists.group_by(q.rater_id))
    ratings = pl.DataFrame([tuple(row) for row in found.all()], schema=_LIST_SCHEMA, orient="row")
    long = ratings.explode("item", "rating", empty_as_null=False)
    return by_rater.join(long, on="rater_id").select("visit", "rater", "item", "rating")
