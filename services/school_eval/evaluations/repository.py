"""Evaluations, values, delegations and disputes in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.evaluations.rules import DisputeState, EvaluationState, Held, Judge
from services.school_eval.evaluations.tables import Delegation, Dispute, LeafEntry, LeafValue, SchoolEvaluation
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


async def evaluation_of(
    session: AsyncSession, actor: Actor, campaign_id: uuid.UUID, school_code: str
) -> SchoolEvaluation:
    """A school's evaluation, or ``resource.not_found``."""
    where = (SchoolEvaluation.campaign_id == campaign_id, SchoolEvaluation.school_code == school_code)
    return await one_visible(session, SchoolEvaluation, actor, *where, what=f"school {school_code}")


async def evaluation_for_update(
    session: AsyncSession, actor: Actor, campaign_id: uuid.UUID, school_code: str
) -> SchoolEvaluation:
    """A school's evaluation, locked: its values change one request at a time."""
    where = (SchoolEvaluation.campaign_id == campaign_id, SchoolEvaluation.school_code == school_code)
    return await one_visible_for_update(session, SchoolEvaluation, actor, *where, what=f"school {school_code}")


async def add_evaluations(session: AsyncSession, rows: Sequence[SchoolEvaluation]) -> None:
    """Adds the schools of a campaign."""
    session.add_all(rows)
    await session.flush()


def board_of(actor: Actor, campaign_id: uuid.UUID) -> Select[SchoolEvaluation]:
    """Visible evaluations of a campaign."""
    return visible(SchoolEvaluation, actor).where(SchoolEvaluation.campaign_id == campaign_id)


async def schools_in(
    session: AsyncSession,
    actor: Actor,
    campaign_id: uuid.UUID,
    states: Collection[EvaluationState],
    *,
    is_drawn: bool | None = None,
) -> list[str]:
    """Codes of visible schools whose evaluation is in one of these states, ascending."""
    statement = board_of(actor, campaign_id).where(SchoolEvaluation.state.in_(states))
    if is_drawn is not None:
        statement = statement.where(SchoolEvaluation.is_drawn == is_drawn)
    columns = statement.with_only_columns(SchoolEvaluation.school_code).order_by(SchoolEvaluation.school_code)
    return list((await session.scalars(columns)).all())


async def codes_with_counties(session: AsyncSession, campaign_id: uuid.UUID) -> list[tuple[str, str]]:
    """School and county code of every school of a campaign, for a draw, which concerns all."""
    columns = select(SchoolEvaluation.school_code, SchoolEvaluation.county_code)
    found = await session.execute(columns.where(SchoolEvaluation.campaign_id == campaign_id))
    return [(row.school_code, row.county_code) for row in found]


async def names_of(session: AsyncSession, actor: Actor, campaign_id: uuid.UUID) -> dict[str, tuple[str, str]]:
    """Name and county code of every visible school of a campaign, by code, ascending."""
    columns = (SchoolEvaluation.school_code, SchoolEvaluation.name_zh, SchoolEvaluation.county_code)
    statement = board_of(actor, campaign_id).with_only_columns(*columns).order_by(SchoolEvaluation.school_code)
    return {row.school_code: (row.name_zh, row.county_code) for row in await session.execute(statement)}


async def mark_drawn(session: AsyncSession, campaign_id: uuid.UUID, school_codes: Collection[str] | None) -> None:
    """Marks schools as drawn; all where ``None``."""
    statement = update(SchoolEvaluation).where(SchoolEvaluation.campaign_id == campaign_id)
    if school_codes is not None:
        statement = statement.where(SchoolEvaluation.school_code.in_(sorted(school_codes)))
    await session.execute(statement.values(is_drawn=True))


async def asked_figures(session: AsyncSession, actor: Actor, campaign_id: uuid.UUID) -> Mapping[str, Any]:
    """How many figures visible schools enter by hand: least, median, most and in all."""
    asked = SchoolEvaluation.asked_count
    statement = board_of(actor, campaign_id).with_only_columns(
        func.count().label("schools"),
        func.coalesce(func.min(asked), 0).label("asked_least"),
        func.coalesce(func.percentile_cont(0.5).within_group(asked), 0).label("asked_median"),
        func.coalesce(func.max(asked), 0).label("asked_most"),
        func.coalesce(func.sum(asked), 0).label("asked_total"),
    )
    return dict((await session.execute(statement)).mappings().one())


async def values_of(session: AsyncSession, actor: Actor, evaluation_id: uuid.UUID) -> dict[str, LeafValue]:
    """The values of one school that count now, by leaf."""
    rows = await session.scalars(visible(LeafValue, actor).where(LeafValue.evaluation_id == evaluation_id))
    return {row.leaf: row for row in rows}


async def held_values(session: AsyncSession, actor: Actor, evaluation_id: uuid.UUID) -> dict[str, Held]:
    """What is known of each leaf of one school."""
    rows = await values_of(session, actor, evaluation_id)
    return {leaf: Held(row.value, Judge(row.judge)) for leaf, row in rows.items()}


async def counts_by_judge(
    session: AsyncSession, actor: Actor, evaluation_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, dict[str, int]]:
    """Of some evaluations: how many leaves each judge spoke the last word on."""
    statement = (
        visible(LeafValue, actor)
        .where(LeafValue.evaluation_id.in_(evaluation_ids))
        .with_only_columns(LeafValue.evaluation_id, LeafValue.judge, func.count())
        .group_by(LeafValue.evaluation_id, LeafValue.judge)
    )
    found: dict[uuid.UUID, dict[str, int]] = {}
    for evaluation_id, judge, count in await session.execute(statement):
        found.setdefault(evaluation_id, {})[judge] = count
    return found


async def write_values(
    session: AsyncSession, rows: Sequence[Mapping[str, Any]], history: Sequence[Mapping[str, Any]]
) -> None:
    """Puts values in force, each leaf at most once, and adds what was said to the history."""
    if rows:
        statement = insert(LeafValue).values(list(rows))
        kept = ("value", "judge", "action", "note", "school_value", "set_by", "set_at")
        changed = {name: getattr(statement.excluded, name) for name in kept}
        keys = [LeafValue.evaluation_id, LeafValue.leaf]
        await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
    if history:
        await session.execute(insert(LeafEntry).values(list(history)))


def history_of(actor: Actor, evaluation_id: uuid.UUID, leaf: str) -> Select[LeafEntry]:
    """Everything said on one value."""
    return visible(LeafEntry, actor).where(LeafEntry.evaluation_id == evaluation_id, LeafEntry.leaf == leaf)


async def all_values(session: AsyncSession, campaign_id: uuid.UUID) -> pl.DataFrame:
    """``unit_code, leaf, value`` of a whole campaign, by unit and leaf, for a job; a null value is stated absence."""
    columns = select(SchoolEvaluation.school_code, LeafValue.leaf, LeafValue.value)
    statement = columns.join(SchoolEvaluation, SchoolEvaluation.id == LeafValue.evaluation_id)
    statement = statement.where(SchoolEvaluation.campaign_id == campaign_id)
    rows = [tuple(row) for row in await session.execute(statement)]
    schema = {"unit_code": pl.String, "leaf": pl.String, "value": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("unit_code", "leaf")


async def last_word(session: AsyncSession, campaign_id: uuid.UUID) -> int:
    """Number of the last entry of a campaign's history: while it stands, no value has changed."""
    statement = select(func.max(LeafEntry.seq)).join(SchoolEvaluation, SchoolEvaluation.id == LeafEntry.evaluation_id)
    return await session.scalar(statement.where(SchoolEvaluation.campaign_id == campaign_id)) or 0


async def active_delegations(session: AsyncSession, actor: Actor, evaluation_id: uuid.UUID) -> Sequence[Delegation]:
    """Delegations in force of one school, oldest first."""
    statement = visible(Delegation, actor).where(
        Delegation.evaluation_id == evaluation_id, Delegation.ended_at.is_(None)
    )
    return (await session.scalars(statement.order_by(Delegation.id))).all()


async def delegation_for_update(
    session: AsyncSession, actor: Actor, evaluation_id: uuid.UUID, delegation_id: uuid.UUID
) -> Delegation:
    """A delegation, locked, or ``resource.not_found``."""
    where = (Delegation.id == delegation_id, Delegation.evaluation_id == evaluation_id)
    return await one_visible_for_update(session, Delegation, actor, *where, what=f"delegation {delegation_id}")


def disputes_of(actor: Actor, campaign_id: uuid.UUID) -> Select[Dispute]:
    """Visible disputes of a campaign."""
    return visible(Dispute, actor).where(Dispute.campaign_id == campaign_id)


async def open_dispute(session: AsyncSession, actor: Actor, evaluation_id: uuid.UUID, leaf: str) -> Dispute | None:
    """The dispute over a figure that nobody has decided yet."""
    statement = visible(Dispute, actor).where(
        Dispute.evaluation_id == evaluation_id, Dispute.leaf == leaf, Dispute.state == DisputeState.RAISED
    )
    return (await session.scalars(statement)).first()


async def dispute_for_update(
    session: AsyncSession, actor: Actor, campaign_id: uuid.UUID, dispute_id: uuid.UUID
) -> Dispute:
    """A dispute, locked, or ``resource.not_found``."""
    where = (Dispute.id == dispute_id, Dispute.campaign_id == campaign_id)
    return await one_visible_for_update(session, Dispute, actor, *where, what=f"dispute {dispute_id}")


async def schools_with_open_disputes(session: AsyncSession, actor: Actor, campaign_id: uuid.UUID) -> list[str]:
    """Schools whose objection to a figure nobody has decided yet."""
    statement = disputes_of(actor, campaign_id).where(Dispute.state == DisputeState.RAISED)
    columns = statement.with_only_columns(Dispute.school_code).distinct().order_by(Dispute.school_code)
    return list((await session.scalars(columns)).all())
