"""What of a school's own item sheets a report reads, in the database."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.item_sheets.tables import ItemSheet
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor


async def item_sheet_at(
    session: AsyncSession, actor: Actor, exam: Exam, *, subject: str, school_code: str, at: dt.datetime
) -> ItemSheet | None:
    """The items of a school that were in force at a moment: at publication, those that the figures follow from."""
    statement = visible(ItemSheet, actor).where(
        ItemSheet.exam_id == exam.id,
        ItemSheet.subject == subject,
        ItemSheet.school_code == school_code,
        ItemSheet.accepted_at <= at,
        or_(ItemSheet.superseded_at.is_(None), ItemSheet.superseded_at > at),
    )
    return (await session.scalars(statement.order_by(ItemSheet.accepted_at.desc()).limit(1))).first()
