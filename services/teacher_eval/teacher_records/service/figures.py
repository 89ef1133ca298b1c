"""Figures of certified records: of one person with every step of the working, or of many at once."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Collection
from decimal import Decimal

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.record_kinds.scoring import rules_of
from services.teacher_eval.record_kinds.service import InForce, catalog_in_force
from services.teacher_eval.teacher_records import repository
from services.teacher_eval.teacher_records.schemas import FigureOut, FiguresOut, LineOut
from services.teacher_eval.whole_person import whole_person
from shared.scoring.records.rules import POINTS_SCALE, SHARE_SCALE, Period, RecordRules
from shared.scoring.records.scores import RecordScores, score_records
from shared.terms.actor import Actor

_MICRO = POINTS_SCALE * SHARE_SCALE


async def figures_of(session: AsyncSession, *, staff_key: str, period: Period, actor: Actor) -> FiguresOut:
    """Figures of a person whom the actor may see, out of certified records wherever the person was, line by line."""
    known = await catalog_in_force(session, actor)
    rules = rules_of(known.catalog)
    async with whole_person(session, actor) as everywhere:
        records = await records_for(session, everywhere, rules, period, people={staff_key})
        ids = [uuid.UUID(record) for record in records["record"]]
        titles = await repository.titles_of(session, everywhere, ids)
    scored = await asyncio.to_thread(score_records, records, pl.Series([staff_key]), rules, period)
    return FiguresOut(
        staff_key=staff_key,
        first_day=period.first,
        last_day=period.last,
        catalog_number=known.number,
        catalog_sha256=known.sha256,
        figures=[FigureOut(**row) for row in scored.figures.drop("person").iter_rows(named=True)],
        lines=_lines(scored, titles),
    )


async def records_for(
    session: AsyncSession,
    actor: Actor,
    rules: RecordRules,
    period: Period,
    *,
    people: Collection[str] | None = None,
    area: str | None = None,
) -> pl.DataFrame:
    """Certified records that may count in a period."""
    years = max((kind.years or 0 for kind in rules.kinds.values()), default=0)
    since = min(period.first, period.last - dt.timedelta(days=366 * years))
    return await repository.scored_records(
        session,
        actor,
        kinds=rules.kinds.keys(),
        spans=rules.spans,
        since=since,
        until=period.last,
        people=people,
        area=area,
    )


def _lines(scored: RecordScores, titles: dict[uuid.UUID, str | None]) -> list[LineOut]:
    return [
        LineOut(
            record=row["record"],
            kind=row["kind"],
            happened_on=row["happened_on"],
            title=titles.get(uuid.UUID(row["record"])),
            standing=row["standing"],
            base=_exact(row["base"], POINTS_SCALE),
            share=_exact(row["share"], SHARE_SCALE),
            points=_exact(row["points"], _MICRO),
            amount=_exact(row["amount"], POINTS_SCALE),
            days=row["days"],
        )
        for row in scored.lines.sort("happened_on", "record").iter_rows(named=True)
    ]


def _exact(units: int | None, scale: int) -> str | None:
    return None if units is None else format((Decimal(units) / scale).normalize(), "f")


async def scores_of(
    session: AsyncSession, *, people: pl.Series, period: Period, area: str, actor: Actor
) -> tuple[RecordScores, pl.DataFrame, InForce]:
    """Figures of many people, the records they rest on, and the catalog they were worked out by."""
    known = await catalog_in_force(session, actor)
    rules = rules_of(known.catalog)
    records = await records_for(session, actor, rules, period, area=area)
    scored = await asyncio.to_thread(score_records, records, people, rules, period)
    return scored, records, known
