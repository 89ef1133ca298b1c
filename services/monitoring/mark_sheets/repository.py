"""Mark sheets in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel import clock
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


@dataclass(frozen=True, slots=True)
class SheetInForce:
    """What is read of the sheets of a whole exam: of thousands no more than is asked for."""

    school_code: str
    county_code: str
    sha256: str
    row_count: int


async def current_sheets(
    session: AsyncSession, actor: Actor, exam: Exam, school_code: str | None = None
) -> Sequence[SheetInForce]:
    """The sheets in force, by school code; of one school where it is named."""
    statement = visible(MarkSheet, actor).where(MarkSheet.exam_id == exam.id, MarkSheet.superseded_at.is_(None))
    if school_code is not None:
        statement = statement.where(MarkSheet.school_code == school_code)
    columns = [getattr(MarkSheet, field.name) for field in fields(SheetInForce)]
    rows = await session.execute(statement.with_only_columns(*columns).order_by(MarkSheet.school_code))
    return [SheetInForce(*row) for row in rows]


async def current_sheet(session: AsyncSession, exam_id: uuid.UUID, school_code: str) -> MarkSheet | None:
    """The sheet of one school in force; the caller holds the participant's row."""
    statement = select(MarkSheet).where(
        MarkSheet.exam_id == exam_id, MarkSheet.school_code == school_code, MarkSheet.superseded_at.is_(None)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def visible_sheet(session: AsyncSession, actor: Actor, exam: Exam, school_code: str) -> MarkSheet:
    """The sheet of one school in force, or ``resource.not_found``."""
    in_force = (
        MarkSheet.exam_id == exam.id,
        MarkSheet.school_code == school_code,
        MarkSheet.superseded_at.is_(None),
    )
    return await one_visible(session, MarkSheet, actor, *in_force, what=f"mark sheet of school {school_code}")


async def replace_sheet(session: AsyncSession, sheet: MarkSheet) -> None:
    """Puts a sheet in force in place of the one before it."""
    await session.execute(
        update(MarkSheet)
        .where(
            MarkSheet.exam_id == sheet.exam_id,
            MarkSheet.school_code == sheet.school_code,
            MarkSheet.superseded_at.is_(None),
        )
        .values(superseded_at=clock.now())
    )
    session.add(sheet)
    await session.flush()


async def void_confirmations(session: AsyncSession, exam: Exam, school_codes: Collection[str] | None) -> None:
    """Takes back what schools confirmed; of all of them when no codes are given."""
    statement = update(MarkSheet).where(MarkSheet.exam_id == exam.id, MarkSheet.superseded_at.is_(None))
    if school_codes is not None:
        statement = statement.where(MarkSheet.school_code.in_(school_codes))
    await session.execute(statement.values(confirmed_at=None, confirmed_by=None))


async def sheets_at(
    session: AsyncSession,
    actor: Actor,
    exam: Exam,
    *,
    at: dt.datetime,
    county_code: str | None = None,
    school_code: str | None = None,
) -> Sequence[MarkSheet]:
    """The sheets that were in force at a moment, by school code; of one county or one school where it is named."""
    statement = visible(MarkSheet, actor).where(
        MarkSheet.exam_id == exam.id,
        MarkSheet.accepted_at <= at,
        or_(MarkSheet.superseded_at.is_(None), MarkSheet.superseded_at > at),
    )
    if county_code is not None:
        statement = statement.where(MarkSheet.county_code == county_code)
    if school_code is not None:
        statement = statement.where(MarkSheet.school_code == school_code)
    return (await session.scalars(statement.order_by(MarkSheet.school_code))).all()
