"""Notices in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kits.publicity.tables import Audience, Notice
from shared.kits.subject import Subject, rows_about, rows_of
from shared.terms.actor import Actor
from shared.workflow.publicity import NoticeState

N = TypeVar("N", bound=Notice)
_STANDING = (NoticeState.DRAFTED, NoticeState.OPEN)


async def standing_notice(session: AsyncSession, table: type[N], subject: Subject) -> N | None:
    """The notice about a thing that is drafted or open, locked; at most one."""
    statement = rows_about(table, subject).where(table.state.in_(_STANDING)).with_for_update()
    return (await session.scalars(statement)).one_or_none()


async def newest_opened(session: AsyncSession, table: type[N], subject: Subject) -> N | None:
    """The notice about a thing that was opened last and not withdrawn."""
    shown = (NoticeState.OPEN, NoticeState.CLOSED)
    statement = rows_about(table, subject).where(table.state.in_(shown)).order_by(table.opened_at.desc())
    return (await session.scalars(statement.limit(1))).first()


async def notices_over(session: AsyncSession, table: type[N], actor: Actor, at: dt.datetime) -> Sequence[N]:
    """Open notices whose window is over, locked, some of them."""
    statement = rows_of(table, actor).where(table.state == NoticeState.OPEN, table.ends_at <= at)
    return (await session.scalars(statement.order_by(table.id).limit(200).with_for_update(skip_locked=True))).all()


def shown_to_anyone(table: type[N], actor: Actor) -> Select[N]:
    """Open notices for everybody."""
    return rows_of(table, actor).where(table.state == NoticeState.OPEN, table.audience == Audience.ANYONE)
