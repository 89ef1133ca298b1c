"""Exclusions in the database."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.exclusions.tables import Exclusion
from shared.kernel import clock
from shared.kernel.database.repository import one_visible_for_update, visible
from shared.terms.actor import Actor


def exclusions_of(actor: Actor, exam: Exam) -> Select[Exclusion]:
    """Visible exclusions in force."""
    return visible(Exclusion, actor).where(Exclusion.exam_id == exam.id, Exclusion.withdrawn_at.is_(None))


async def exclusion_for_update(session: AsyncSession, actor: Actor, exam: Exam, exclusion_id: uuid.UUID) -> Exclusion:
    """One exclusion in force, locked, or ``resource.not_found``."""
    conditions = (Exclusion.id == exclusion_id, Exclusion.exam_id == exam.id, Exclusion.withdrawn_at.is_(None))
    return await one_visible_for_update(session, Exclusion, actor, *conditions, what=f"exclusion {exclusion_id}")


async def exclusions_of_schools(
    session: AsyncSession, exam: Exam, school_codes: Collection[str]
) -> Sequence[Exclusion]:
    """Exclusions in force of schools whose rows the caller holds."""
    statement = select(Exclusion).where(
        Exclusion.exam_id == exam.id, Exclusion.school_code.in_(school_codes), Exclusion.withdrawn_at.is_(None)
    )
    return (await session.scalars(statement)).all()


async def excluded_keys(
    session: AsyncSession, exam: Exam, school_code: str | None, *, reasons: Collection[str] | None = None
) -> frozenset[str]:
    """Pseudonyms of the pupils who are excluded; of one school, or for certain reasons, if these are given."""
    statement = select(Exclusion.student_key).where(
        Exclusion.exam_id == exam.id, Exclusion.withdrawn_at.is_(None), Exclusion.student_key.is_not(None)
    )
    if school_code is not None:
        statement = statement.where(Exclusion.school_code == school_code)
    if reasons is not None:
        statement = statement.where(Exclusion.reason_code.in_(reasons))
    return frozenset(key for key in await session.scalars(statement) if key is not None)


async def counts(
    session: AsyncSession, actor: Actor, exam: Exam, unit: str, school_codes: Collection[str] | None
) -> list[tuple[str, bool, str, int]]:
    """How many, by county or school, whether it is a pupil, and reason."""
    key: Any = getattr(Exclusion, unit)
    is_pupil = Exclusion.student_key.is_not(None)
    statement = exclusions_of(actor, exam)
    if school_codes is not None:
        statement = statement.where(Exclusion.school_code.in_(school_codes))
    grouped = statement.with_only_columns(key, is_pupil, Exclusion.reason_code, func.count())
    rows = await session.execute(grouped.group_by(key, is_pupil, Exclusion.reason_code).order_by(Exclusion.reason_code))
    return [(str(code), bool(pupil), str(reason), int(count)) for code, pupil, reason, count in rows]


async def withdraw(session: AsyncSession, exclusion_ids: Collection[uuid.UUID], *, by: str) -> None:
    """Takes exclusions back; they stay on record."""
    if exclusion_ids:
        statement = update(Exclusion).where(Exclusion.id.in_(exclusion_ids))
        await session.execute(statement.values(withdrawn_at=clock.now(), withdrawn_by=by))


async def withdraw_exclusions_beyond(session: AsyncSession, exam: Exam, frozen: pl.DataFrame) -> None:
    """Takes back what was said of pupils whom the roster, frozen anew, no longer has at the school; for a job."""
    statement = select(Exclusion).where(
        Exclusion.exam_id == exam.id, Exclusion.withdrawn_at.is_(None), Exclusion.student_key.is_not(None)
    )
    said = (await session.scalars(statement)).all()
    if said:
        here = set(frozen.select("student_key", "school_code").iter_rows())
        gone = [row.id for row in said if (row.student_key, row.school_code) not in here]
        await withdraw(session, gone, by="roster")
