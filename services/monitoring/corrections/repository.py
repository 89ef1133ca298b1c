"""Corrections in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.corrections.rules import OPEN, CorrectionState
from services.monitoring.corrections.tables import Correction
from services.monitoring.exams.tables import Exam
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor


def corrections_of(actor: Actor, exam: Exam) -> Select[Correction]:
    """Every visible request about an exam."""
    return visible(Correction, actor).where(Correction.exam_id == exam.id)


async def correction_by_id(session: AsyncSession, actor: Actor, exam: Exam, correction_id: uuid.UUID) -> Correction:
    """One request, or ``resource.not_found``."""
    conditions = (Correction.id == correction_id, Correction.exam_id == exam.id)
    return await one_visible(session, Correction, actor, *conditions, what=f"correction {correction_id}")


async def correction_for_update(
    session: AsyncSession, actor: Actor, exam: Exam, correction_id: uuid.UUID
) -> Correction:
    """One request, locked, or ``resource.not_found``."""
    conditions = (Correction.id == correction_id, Correction.exam_id == exam.id)
    return await one_visible_for_update(session, Correction, actor, *conditions, what=f"correction {correction_id}")


async def open_corrections(
    session: AsyncSession, actor: Actor, exam: Exam, school_codes: Collection[str] | None = None
) -> Sequence[Correction]:
    """Requests waiting for a decision or a sheet, locked; of all schools unless codes are given."""
    statement = corrections_of(actor, exam).where(Correction.state.in_(OPEN))
    if school_codes is not None:
        statement = statement.where(Correction.school_code.in_(school_codes))
    return (await session.scalars(statement.order_by(Correction.school_code).with_for_update())).all()


async def open_counts(session: AsyncSession, actor: Actor, exam: Exam, unit: str, at: dt.datetime) -> dict[str, int]:
    """How many requests are open at a moment, by ``county_code`` or ``school_code``."""
    key: Any = getattr(Correction, unit)
    statement = corrections_of(actor, exam).where(_is_open(at)).with_only_columns(key, func.count()).group_by(key)
    return {str(code): int(count) for code, count in await session.execute(statement)}


def _is_open(at: dt.datetime) -> ColumnElement[bool]:
    waits = and_(Correction.state == CorrectionState.ACCEPTED, Correction.deadline_at > at)
    return or_(Correction.state == CorrectionState.ASKED, waits)
