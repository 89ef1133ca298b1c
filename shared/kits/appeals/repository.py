"""Appeals in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.subject import Subject, rows_about, rows_of
from shared.terms.actor import Actor
from shared.workflow.appeals import OPEN, AppealState

_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:subject, 5))")


async def hold_subject(session: AsyncSession, subject: Subject) -> None:
    """Until commit nobody else appeals against the same thing."""
    await session.execute(_HOLD, {"subject": f"{subject.type}\n{subject.key}"})


def own_appeals(table: type[Appeal], actor: Actor, *, by_person: bool) -> ColumnElement[bool]:
    """Those that are the actor's own."""
    return table.appellant == actor.subject if by_person else table.appellant_org == actor.org


async def open_appeals(
    session: AsyncSession, table: type[Appeal], subject: Subject, *conditions: ColumnElement[bool]
) -> int:
    """How many appeals about a thing are not over."""
    statement = rows_about(table, subject).where(table.state.in_(sorted(OPEN)), *conditions)
    return int(await session.scalar(statement.with_only_columns(func.count())) or 0)


async def open_appeal_counts(
    session: AsyncSession, table: type[Appeal], actor: Actor, subject_type: str, keys: Collection[str] | None = None
) -> Mapping[str, int]:
    """How many appeals are not over, by the key of the thing; what a service looks at before it goes on."""
    statement = rows_of(table, actor).where(table.subject_type == subject_type, table.state.in_(sorted(OPEN)))
    if keys is not None:
        statement = statement.where(table.subject_key.in_(sorted(keys)))
    counted = statement.with_only_columns(table.subject_key, func.count()).group_by(table.subject_key)
    return {str(key): int(count) for key, count in await session.execute(counted)}


async def messages_of(
    session: AsyncSession, table: type[AppealMessage], actor: Actor, appeal_id: uuid.UUID
) -> Sequence[AppealMessage]:
    """The thread of an appeal, oldest first."""
    mounted: Any = table
    statement = rows_of(table, actor).where(mounted.appeal_id == appeal_id).order_by(table.at, table.id)
    return (await session.scalars(statement)).all()


def is_overdue(table: type[Appeal], at: dt.datetime) -> ColumnElement[bool]:
    """Appeals whose handler owes a step since before a moment; an unused right to a review is nobody's debt."""
    unused = (AppealState.RULED, AppealState.REFUSED)
    return (table.due_at <= at) & table.state.in_(sorted(OPEN)) & table.state.not_in(unused)


def lapsed(table: type[Appeal], actor: Actor, at: dt.datetime) -> Select[Appeal]:
    """Appeals for which nobody asked for a review in time, some of them, locked."""
    unused = (AppealState.RULED, AppealState.REFUSED)
    statement = rows_of(table, actor).where(table.state.in_(unused), table.due_at <= at)
    return statement.order_by(table.id).limit(200).with_for_update(skip_locked=True)
