"""Rounds and titles in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Select, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.titles.rules import STANDING, TitleState
from services.teacher_eval.titles.tables import Title, TitleEntry, TitleFollowUp, TitleNotice, TitleRound
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

_BROUGHT_FORWARD = (TitleState.REVIEWED, TitleState.IN_PUBLICITY, TitleState.RECOGNIZED)


def rounds_of(actor: Actor) -> Select[TitleRound]:
    """Rounds the actor sees."""
    return visible(TitleRound, actor)


async def round_by_code(session: AsyncSession, actor: Actor, code: str) -> TitleRound:
    """A round; raises ``resource.not_found``."""
    return await one_visible(session, TitleRound, actor, TitleRound.code == code, what=f"title round {code}")


async def round_by_id(session: AsyncSession, actor: Actor, round_id: uuid.UUID) -> TitleRound:
    """The round of a title."""
    return (await session.scalars(rounds_of(actor).where(TitleRound.id == round_id))).one()


async def own_round_for_update(session: AsyncSession, actor: Actor, code: str) -> TitleRound | None:
    """The actor's own round, locked, if there is one."""
    statement = rounds_of(actor).where(TitleRound.code == code, TitleRound.org_path == actor.org)
    return (await session.scalars(statement.with_for_update())).one_or_none()


def titles_of_round(actor: Actor, row: TitleRound) -> Select[Title]:
    """Titles of a round within the actor's organization."""
    return visible(Title, actor).where(Title.round_id == row.id)


def titles_of(actor: Actor) -> Select[Title]:
    """Titles within the actor's organization."""
    return visible(Title, actor)


async def title_by_staff(session: AsyncSession, actor: Actor, row: TitleRound, staff_key: str) -> Title:
    """A person's title of a round; raises ``resource.not_found``."""
    named = (Title.round_id == row.id, Title.staff_key == staff_key)
    return await one_visible(session, Title, actor, *named, what=f"title {staff_key}")


async def title_for_update(session: AsyncSession, actor: Actor, row: TitleRound, staff_key: str) -> Title:
    """The same, locked."""
    named = (Title.round_id == row.id, Title.staff_key == staff_key)
    return await one_visible_for_update(session, Title, actor, *named, what=f"title {staff_key}")


async def titles_for_update(session: AsyncSession, actor: Actor, row: TitleRound, state: TitleState) -> Sequence[Title]:
    """Titles of a round in one state, locked, by person."""
    statement = titles_of_round(actor, row).where(Title.state == state).order_by(Title.staff_key)
    return (await session.scalars(statement.with_for_update())).all()


async def standing_title(session: AsyncSession, actor: Actor, staff_key: str, ladder: str, rung: str) -> Title | None:
    """A title of this rung that the person is on the way to, or holds."""
    statement = visible(Title, actor).where(Title.staff_key == staff_key, Title.ladder == ladder, Title.rung == rung)
    return (await session.scalars(statement.where(Title.state.in_(sorted(STANDING))))).one_or_none()


async def in_round(session: AsyncSession, actor: Actor, row: TitleRound, staff_key: str) -> bool:
    """Whether a person is in a round already."""
    statement = titles_of_round(actor, row).where(Title.staff_key == staff_key)
    return (await session.scalars(statement)).one_or_none() is not None


async def brought_forward(session: AsyncSession, actor: Actor, row: TitleRound, county: str) -> int:
    """How many of a county were reviewed and are not refused."""
    statement = titles_of_round(actor, row).where(Title.county_code == county, Title.state.in_(_BROUGHT_FORWARD))
    return (await session.scalars(statement.with_only_columns(func.count()))).one()


async def held_by(session: AsyncSession, actor: Actor, staff_keys: Collection[str]) -> Sequence[Title]:
    """Every rung that some people hold or held, oldest first."""
    statement = visible(Title, actor).where(Title.staff_key.in_(sorted(staff_keys)), Title.recognized_on.is_not(None))
    return (await session.scalars(statement.order_by(Title.recognized_on, Title.id))).all()


async def all_of_person(session: AsyncSession, actor: Actor, staff_key: str) -> Sequence[tuple[Title, TitleRound]]:
    """Every title of a person with its round, oldest first."""
    statement = (
        visible(Title, actor).where(Title.staff_key == staff_key).join(TitleRound, TitleRound.id == Title.round_id)
    )
    rows = await session.execute(statement.add_columns(TitleRound).order_by(Title.nominated_on, Title.id))
    return [(row[0], row[1]) for row in rows.all()]


async def running_out(session: AsyncSession, actor: Actor, day: dt.date) -> Sequence[Title]:
    """Titles whose term was over before a day, locked."""
    statement = visible(Title, actor).where(Title.state == TitleState.RECOGNIZED, Title.term_ends_on < day)
    return (await session.scalars(statement.order_by(Title.id).with_for_update())).all()


async def recognized_for_update(session: AsyncSession, actor: Actor, staff_keys: Collection[str]) -> Sequence[Title]:
    """Titles that some people hold, locked."""
    statement = visible(Title, actor).where(Title.state == TitleState.RECOGNIZED, Title.staff_key.in_(staff_keys))
    return (await session.scalars(statement.order_by(Title.id).with_for_update())).all()


async def entries_of(session: AsyncSession, actor: Actor, title: Title) -> Sequence[TitleEntry]:
    """Everything that was said on a title, oldest first."""
    statement = visible(TitleEntry, actor).where(TitleEntry.title_id == title.id)
    return (await session.scalars(statement.order_by(TitleEntry.id))).all()


async def follow_ups_of(session: AsyncSession, actor: Actor, title: Title) -> Sequence[TitleFollowUp]:
    """Every follow-up evaluation, oldest first."""
    statement = visible(TitleFollowUp, actor).where(TitleFollowUp.title_id == title.id)
    return (await session.scalars(statement.order_by(TitleFollowUp.evaluated_on))).all()


async def newest_notice(session: AsyncSession, actor: Actor, row: TitleRound) -> TitleNotice | None:
    """The last notice of a round."""
    statement = visible(TitleNotice, actor).where(TitleNotice.subject_key == row.code)
    return (await session.scalars(statement.order_by(TitleNotice.id.desc()).limit(1))).one_or_none()
