"""Entries and disputes in the database."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.tables import Member, SchoolCycle
from services.teacher_eval.evaluations.rules import DisputeState, Held, Judge
from services.teacher_eval.evaluations.tables import EvaluationEntry, FigureDispute
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.terms.actor import Actor

_SAID = {"unit_code": pl.String, "leaf": pl.String, "value": pl.String}


def _last(actor: Actor) -> Select[EvaluationEntry]:
    """The last entry of every leaf."""
    last = (EvaluationEntry.member_id, EvaluationEntry.leaf)
    return visible(EvaluationEntry, actor).ext(distinct_on(*last)).order_by(*last, EvaluationEntry.seq.desc())


async def entries_of(session: AsyncSession, actor: Actor, member_id: uuid.UUID) -> dict[str, EvaluationEntry]:
    """The entries of one person that count now, by leaf."""
    rows = await session.scalars(_last(actor).where(EvaluationEntry.member_id == member_id))
    return {row.leaf: row for row in rows}


async def held_of(session: AsyncSession, actor: Actor, member_id: uuid.UUID) -> dict[str, Held]:
    """What is known of each leaf of one person."""
    return {leaf: _held(row) for leaf, row in (await entries_of(session, actor, member_id)).items()}


async def held_in(session: AsyncSession, actor: Actor, school: SchoolCycle) -> dict[str, dict[str, Held]]:
    """What is known of each leaf of everybody of a school, by staff key."""
    statement = _last(actor).join(Member, Member.id == EvaluationEntry.member_id).add_columns(Member.staff_key)
    found: dict[str, dict[str, Held]] = {}
    for row, key in await session.execute(statement.where(Member.school_cycle_id == school.id)):
        found.setdefault(key, {})[row.leaf] = _held(row)
    return found


def _held(row: EvaluationEntry) -> Held:
    return Held(row.value, Judge(row.judge))


async def add_entries(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Adds what was said."""
    if rows:
        await session.execute(insert(EvaluationEntry), list(rows))


def history_of(actor: Actor, member_id: uuid.UUID, leaf: str) -> Select[EvaluationEntry]:
    """Everything said on one value."""
    return visible(EvaluationEntry, actor).where(EvaluationEntry.member_id == member_id, EvaluationEntry.leaf == leaf)


async def said_below(session: AsyncSession, cycle_id: uuid.UUID, *, below: str) -> pl.DataFrame:
    """``unit_code, leaf, value`` of everybody of a cycle at or below an organization, for a computation."""
    last = (EvaluationEntry.member_id, EvaluationEntry.leaf)
    columns = select(Member.staff_key, EvaluationEntry.leaf, EvaluationEntry.value).ext(distinct_on(*last))
    statement = columns.join(Member, Member.id == EvaluationEntry.member_id).where(
        Member.cycle_id == cycle_id, Member.org_path.startswith(below, autoescape=True)
    )
    rows = [tuple(row) for row in await session.execute(statement.order_by(*last, EvaluationEntry.seq.desc()))]
    return pl.DataFrame(rows, schema=_SAID, orient="row").sort("unit_code", "leaf")


async def last_words(session: AsyncSession, cycle_id: uuid.UUID, *, below: str) -> dict[uuid.UUID, int]:
    """Number of the last entry of each school at or below an organization: while it stands, no value has changed."""
    columns = select(Member.school_cycle_id, func.max(EvaluationEntry.seq))
    statement = columns.join(Member, Member.id == EvaluationEntry.member_id).where(
        Member.cycle_id == cycle_id, Member.org_path.startswith(below, autoescape=True)
    )
    return {row[0]: row[1] for row in await session.execute(statement.group_by(Member.school_cycle_id))}


def disputes_of(actor: Actor, school_cycle_id: uuid.UUID) -> Select[FigureDispute]:
    """Visible disputes of a school."""
    return visible(FigureDispute, actor).where(FigureDispute.school_cycle_id == school_cycle_id)


async def disputing(session: AsyncSession, actor: Actor, school: SchoolCycle) -> list[str]:
    """Staff keys of those whose dispute nobody has decided yet."""
    statement = disputes_of(actor, school.id).where(FigureDispute.state == DisputeState.RAISED)
    columns = statement.with_only_columns(FigureDispute.staff_key).distinct().order_by(FigureDispute.staff_key)
    return list((await session.scalars(columns)).all())


async def open_dispute(session: AsyncSession, actor: Actor, member_id: uuid.UUID, leaf: str) -> FigureDispute | None:
    """The dispute over a figure that nobody has decided yet."""
    statement = visible(FigureDispute, actor).where(
        FigureDispute.member_id == member_id, FigureDispute.leaf == leaf, FigureDispute.state == DisputeState.RAISED
    )
    return (await session.scalars(statement)).first()


async def dispute_for_update(
    session: AsyncSession, actor: Actor, school_cycle_id: uuid.UUID, dispute_id: uuid.UUID
) -> FigureDispute:
    """A dispute, locked, or ``resource.not_found``."""
    where = (FigureDispute.id == dispute_id, FigureDispute.school_cycle_id == school_cycle_id)
    return await one_visible_for_update(session, FigureDispute, actor, *where, what=f"dispute {dispute_id}")
