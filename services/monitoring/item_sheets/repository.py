"""Item sheets in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.item_sheets.tables import ItemSheet
from shared.kernel import clock
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


def sheets_in_force(actor: Actor, exam: Exam, subject: str | None = None) -> Select[ItemSheet]:
    """The item sheets in force, of one subject or of all."""
    statement = visible(ItemSheet, actor).where(ItemSheet.exam_id == exam.id, ItemSheet.superseded_at.is_(None))
    return statement if subject is None else statement.where(ItemSheet.subject == subject)


@dataclass(frozen=True, slots=True)
class SheetInForce:
    """What is read of the sheets of a whole exam: of thousands no more than is asked for."""

    subject: str
    school_code: str
    county_code: str
    org_path: str
    sha256: str
    row_count: int
    agrees_with: str | None


async def current_sheets(
    session: AsyncSession, actor: Actor, exam: Exam, subject: str | None = None
) -> Sequence[SheetInForce]:
    """The item sheets in force, by subject and school."""
    columns = [getattr(ItemSheet, field.name) for field in fields(SheetInForce)]
    statement = sheets_in_force(actor, exam, subject).with_only_columns(*columns)
    rows = await session.execute(statement.order_by(ItemSheet.subject, ItemSheet.school_code))
    return [SheetInForce(*row) for row in rows]


async def current_sheet(
    session: AsyncSession, exam_id: uuid.UUID, *, subject: str, school_code: str
) -> ItemSheet | None:
    """The sheet of one school in force; the caller holds the participant's row."""
    statement = select(ItemSheet).where(
        ItemSheet.exam_id == exam_id,
        ItemSheet.subject == subject,
        ItemSheet.school_code == school_code,
        ItemSheet.superseded_at.is_(None),
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def sheets_of_school(session: AsyncSession, actor: Actor, exam: Exam, school_code: str) -> Sequence[ItemSheet]:
    """The item sheets of one school in force, by subject."""
    statement = sheets_in_force(actor, exam).where(ItemSheet.school_code == school_code)
    return (await session.scalars(statement.order_by(ItemSheet.subject))).all()


async def visible_sheet(
    session: AsyncSession, actor: Actor, exam: Exam, *, subject: str, school_code: str
) -> ItemSheet:
    """The sheet of one school in force, or ``resource.not_found``."""
    in_force = (
        ItemSheet.exam_id == exam.id,
        ItemSheet.subject == subject,
        ItemSheet.school_code == school_code,
        ItemSheet.superseded_at.is_(None),
    )
    return await one_visible(session, ItemSheet, actor, *in_force, what=f"{subject} items of school {school_code}")


async def count_sheets(session: AsyncSession, exam: Exam, subject: str) -> int:
    """How many schools' items of a subject are in force; whoever holds the exam sees all of them."""
    statement = select(func.count()).where(
        ItemSheet.exam_id == exam.id, ItemSheet.subject == subject, ItemSheet.superseded_at.is_(None)
    )
    return await session.scalar(statement) or 0


async def replace_sheet(session: AsyncSession, sheet: ItemSheet) -> None:
    """Puts a sheet in force in place of the one before it."""
    await supersede(session, sheet.exam_id, sheet.subject, school_code=sheet.school_code)
    session.add(sheet)
    await session.flush()


async def supersede(session: AsyncSession, exam_id: uuid.UUID, subject: str, *, school_code: str | None) -> None:
    """Takes the sheets of a subject out of force: of one school or of all."""
    statement = update(ItemSheet).where(
        ItemSheet.exam_id == exam_id, ItemSheet.subject == subject, ItemSheet.superseded_at.is_(None)
    )
    if school_code is not None:
        statement = statement.where(ItemSheet.school_code == school_code)
    await session.execute(statement.values(superseded_at=clock.now()))


async def forget_agreement(session: AsyncSession, exam: Exam, subject: str) -> None:
    """The marks of a subject's items mean something else now: what agreed with the mark sheets may no longer."""
    await session.execute(
        update(ItemSheet)
        .where(ItemSheet.exam_id == exam.id, ItemSheet.subject == subject, ItemSheet.superseded_at.is_(None))
        .values(agrees_with=None)
    )
