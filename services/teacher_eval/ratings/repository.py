"""Ratings in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, delete, func, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.ratings.tables import (
    RatingAnswer,
    RatingClosing,
    RatingFigure,
    RatingGroup,
    RatingQuestionnaire,
    RatingRound,
    RatingTicket,
)
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.kernel.database.scope import within
from shared.terms.actor import Actor


async def last_number(session: AsyncSession, actor: Actor, code: str) -> RatingQuestionnaire | None:
    """The newest version of a questionnaire of the actor's own."""
    q = RatingQuestionnaire
    statement = visible(q, actor).where(q.org_path == actor.org, q.code == code).order_by(q.number.desc())
    return (await session.scalars(statement.limit(1))).one_or_none()


async def questionnaire(
    session: AsyncSession, actor: Actor, org_path: str, code: str, number: int
) -> RatingQuestionnaire:
    """A version of an organization's questionnaire; raises ``resource.not_found``."""
    q = RatingQuestionnaire
    named = (q.org_path == org_path, q.code == code, q.number == number)
    return await one_visible(session, q, actor, *named, what=f"questionnaire {code} {number}")


async def questionnaire_for(session: AsyncSession, actor: Actor, code: str, number: int) -> RatingQuestionnaire | None:
    """A version of a questionnaire of the actor's own, or else of the nearest office above."""
    q = RatingQuestionnaire
    statement = visible(q, actor).where(q.code == code, q.number == number, func.starts_with(actor.org, q.org_path))
    return (await session.scalars(statement.order_by(func.length(q.org_path).desc()).limit(1))).one_or_none()


async def questionnaire_of(session: AsyncSession, actor: Actor, row: RatingRound) -> RatingQuestionnaire:
    """What a round asks."""
    q = RatingQuestionnaire
    return await one_visible(session, q, actor, q.id == row.questionnaire_id, what="questionnaire")


def all_rounds(actor: Actor) -> Select[RatingRound]:
    """Rounds the actor sees."""
    return visible(RatingRound, actor)


async def round_by_code(session: AsyncSession, actor: Actor, org_path: str, code: str) -> RatingRound:
    """A round of an organization; raises ``resource.not_found``."""
    r = RatingRound
    named = (r.org_path == org_path, r.code == code)
    return await one_visible(session, r, actor, *named, what=f"rating round {code}")


async def own_round_for_update(session: AsyncSession, actor: Actor, code: str) -> RatingRound | None:
    """The actor's own round, locked, if there is one."""
    r = RatingRound
    statement = visible(r, actor).where(r.code == code, r.org_path == actor.org).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def rounds_by_id(session: AsyncSession, actor: Actor, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, RatingRound]:
    """Some rounds by id."""
    rows = await session.scalars(visible(RatingRound, actor).where(RatingRound.id.in_(ids)))
    return {row.id: row for row in rows}


def groups_of(actor: Actor, row: RatingRound) -> Select[RatingGroup]:
    """Groups of a round within the actor's organization."""
    return visible(RatingGroup, actor).where(RatingGroup.round_id == row.id)


async def school_groups(session: AsyncSession, actor: Actor, row: RatingRound, org_path: str) -> Sequence[RatingGroup]:
    """Groups of a school, by code."""
    statement = groups_of(actor, row).where(RatingGroup.org_path == org_path).order_by(RatingGroup.code)
    return (await session.scalars(statement)).all()


async def group_for_update(
    session: AsyncSession, actor: Actor, row: RatingRound, org_path: str, code: str
) -> RatingGroup | None:
    """A group of a school, locked, if there is one."""
    g = RatingGroup
    statement = groups_of(actor, row).where(g.org_path == org_path, g.code == code).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def has_answers(session: AsyncSession, actor: Actor, row: RatingRound) -> bool:
    """Whether somebody has answered already."""
    total = groups_of(actor, row).with_only_columns(func.coalesce(func.sum(RatingGroup.response_count), 0))
    return bool((await session.execute(total)).scalar_one())


async def own_groups(
    session: AsyncSession, actor: Actor, staff_key: str, today: dt.date
) -> Sequence[tuple[RatingGroup, RatingRound]]:
    """Groups of open rounds in which a member of staff rates."""
    g, r = RatingGroup, RatingRound
    statement = (
        visible(g, actor)
        .join(r, r.id == g.round_id)
        .where(g.raters.contains([staff_key]), r.opens_on <= today, r.closes_on >= today)
        .add_columns(r)
        .order_by(r.closes_on, g.id)
    )
    return [(group, of) for group, of in (await session.execute(statement)).all()]


async def ticket_of_holder(
    session: AsyncSession, actor: Actor, group: RatingGroup, staff_key: str
) -> RatingTicket | None:
    """The ticket that a member of staff took in a group, locked."""
    t = RatingTicket
    statement = visible(t, actor).where(t.group_id == group.id, t.holder_key == staff_key).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def tickets_used_by(session: AsyncSession, actor: Actor, staff_key: str) -> set[uuid.UUID]:
    """Groups in which a member of staff has rated."""
    t = RatingTicket
    statement = visible(t, actor).where(t.holder_key == staff_key, t.is_used).with_only_columns(t.group_id)
    return set((await session.execute(statement)).scalars())


async def ticket_for_update(session: AsyncSession, actor: Actor, secret_sha256: str) -> RatingTicket | None:
    """A ticket by its secret's fingerprint, locked, if there is one."""
    statement = visible(RatingTicket, actor).where(RatingTicket.secret_sha256 == secret_sha256)
    return (await session.scalars(statement.with_for_update())).one_or_none()


async def group_of_ticket(session: AsyncSession, actor: Actor, ticket: RatingTicket) -> RatingGroup:
    """The group of a ticket, locked."""
    statement = visible(RatingGroup, actor).where(RatingGroup.id == ticket.group_id).with_for_update()
    return (await session.scalars(statement)).one()


async def round_of(session: AsyncSession, actor: Actor, group: RatingGroup) -> RatingRound:
    """The round a group is in."""
    return await one_visible(session, RatingRound, actor, RatingRound.id == group.round_id, what="rating round")


async def answers_of(
    session: AsyncSession, actor: Actor, group_ids: Collection[uuid.UUID]
) -> Sequence[tuple[uuid.UUID, str, str, dict[str, Any]]]:
    """Group, person rated, sheet and answers of everything said in some groups, in no order that tells a time."""
    a = RatingAnswer
    statement = visible(a, actor).where(a.group_id.in_(group_ids))
    rows = await session.execute(
        statement.with_only_columns(a.group_id, a.staff_key, a.sheet, a.answers).order_by(a.id)
    )
    return [(group, key, str(sheet), answers) for group, key, sheet, answers in rows.all()]


async def forget_raters(session: AsyncSession, group_ids: Collection[uuid.UUID]) -> None:
    """What tied sheets to raters, and what one rater said together, is gone."""
    await session.execute(delete(RatingTicket).where(RatingTicket.group_id.in_(group_ids)))
    await session.execute(update(RatingAnswer).where(RatingAnswer.group_id.in_(group_ids)).values(sheet=None))


async def closing_of(session: AsyncSession, actor: Actor, row: RatingRound, org_path: str) -> RatingClosing | None:
    """A school's closing of a round, if it is closed."""
    c = RatingClosing
    statement = visible(c, actor).where(c.round_id == row.id, c.org_path == org_path)
    return (await session.scalars(statement)).one_or_none()


async def closings_of(session: AsyncSession, actor: Actor, row: RatingRound) -> Sequence[RatingClosing]:
    """Schools that have closed a round, by path."""
    c = RatingClosing
    return (await session.scalars(visible(c, actor).where(c.round_id == row.id).order_by(c.org_path))).all()


async def left_open(session: AsyncSession, actor: Actor, today: dt.date) -> Sequence[tuple[uuid.UUID, str]]:
    """Rounds and schools whose last day is over and which nobody has closed."""
    g, r, c = RatingGroup, RatingRound, RatingClosing
    closed = visible(c, actor).where(c.round_id == g.round_id, c.org_path == g.org_path).exists()
    statement = visible(g, actor).join(r, r.id == g.round_id).where(r.closes_on < today, ~closed)
    rows = await session.execute(statement.with_only_columns(g.round_id, g.org_path).distinct().order_by(g.org_path))
    return [(row[0], row[1]) for row in rows.all()]


async def round_for_update(session: AsyncSession, actor: Actor, round_id: uuid.UUID) -> RatingRound:
    """A round by id, locked: closings of its schools are made one by one."""
    return await one_visible_for_update(session, RatingRound, actor, RatingRound.id == round_id, what="rating round")


def figures_of(actor: Actor, row: RatingRound, org_path: str) -> Select[RatingFigure]:
    """Figures of a school's people in a round."""
    f = RatingFigure
    return visible(f, actor).where(f.round_id == row.id, f.org_path == org_path)


async def figures_below(session: AsyncSession, actor: Actor, row: RatingRound, below: str) -> pl.DataFrame:
    """``org_path, audience, invited_count, n, value`` of everybody rated in a round within an organization."""
    f = RatingFigure
    statement = visible(f, actor).where(f.round_id == row.id, within(f.org_path, below))
    columns = (f.org_path, f.audience, f.invited_count, f.n, f.value)
    rows = (await session.execute(statement.with_only_columns(*columns).order_by(f.org_path, f.id))).all()
    schema = {
        "org_path": pl.String,
        "audience": pl.String,
        "invited_count": pl.Int64,
        "n": pl.Int64,
        "value": pl.Float64,
    }
    return pl.DataFrame([tuple(each) for each in rows], schema=schema, orient="row")


async def figures_of_person(session: AsyncSession, actor: Actor, staff_key: str) -> Sequence[RatingFigure]:
    """Every figure of a person, newest first."""
    f = RatingFigure
    return (await session.scalars(visible(f, actor).where(f.staff_key == staff_key).order_by(f.id.desc()))).all()


async def values_beside(session: AsyncSession, actor: Actor, figure: RatingFigure) -> list[float]:
    """Values of everybody rated at the same school by the same audience in the same round."""
    f = RatingFigure
    same = (f.round_id == figure.round_id, f.org_path == figure.org_path, f.audience == figure.audience)
    statement = visible(f, actor).where(*same, f.value.is_not(None)).with_only_columns(f.value)
    return [float(value) for value in (await session.execute(statement)).scalars() if value is not None]


async def figures_of_year(
    session: AsyncSession, actor: Actor, school_year: str, area: str
) -> Sequence[tuple[RatingFigure, RatingRound]]:
    """Figures that are shown of people of an area, with their rounds, by the last day of the round."""
    f, r = RatingFigure, RatingRound
    statement = (
        visible(f, actor)
        .join(r, r.id == f.round_id)
        .where(r.school_year == school_year, within(f.org_path, area), f.value.is_not(None))
        .add_columns(r)
        .order_by(r.closes_on, f.id)
    )
    return [(figure, of) for figure, of in (await session.execute(statement)).all()]


async def groups_rating(
    session: AsyncSession, actor: Actor, row: RatingRound, *, org_path: str, staff_key: str, audience: str
) -> Sequence[RatingGroup]:
    """Groups of a school that rate a person."""
    g = RatingGroup
    statement = groups_of(actor, row).where(g.org_path == org_path, g.audience == audience)
    return (await session.scalars(statement.where(g.rated.contains([staff_key])))).all()
