"""Completeness counted by the database: a few statements, whatever the number of schools."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.completeness.rules import Completeness
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

_IN_FORCE = and_(
    MarkSheet.exam_id == Participant.exam_id,
    MarkSheet.school_code == Participant.school_code,
    MarkSheet.superseded_at.is_(None),
)


async def by_county(session: AsyncSession, actor: Actor, exam: Exam) -> dict[str, Completeness]:
    """Completeness of every county that the actor sees schools of, by code."""
    return await _counted(session, visible(Participant, actor).where(Participant.exam_id == exam.id), "county_code")


async def by_school(
    session: AsyncSession, actor: Actor, exam: Exam, school_codes: Collection[str] | None = None
) -> dict[str, Completeness]:
    """Completeness of visible schools, by code; of all of them unless codes are given."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id)
    if school_codes is not None:
        statement = statement.where(Participant.school_code.in_(school_codes))
    return await _counted(session, statement, "school_code")


async def _counted(session: AsyncSession, schools: Select[Participant], unit: str) -> dict[str, Completeness]:
    key: Any = getattr(Participant, unit)
    statement = schools.outerjoin(MarkSheet, _IN_FORCE).with_only_columns(key, *_counts()).group_by(key).order_by(key)
    found: dict[str, Completeness] = {}
    for row in (await session.execute(statement)).mappings():
        counts: dict[str, Any] = {name: int(row[name]) for name in row if name != unit}
        found[str(row[unit])] = Completeness(**counts)
    return found


def _counts() -> list[Any]:
    return [
        func.count().label("schools"),
        func.count(MarkSheet.id).label("received"),
        func.count(Participant.refused_upload_id).label("faulty"),
        func.count(MarkSheet.confirmed_at).label("confirmed"),
        func.sum(Participant.enrolled_count).label("enrolled"),
        func.sum(Participant.expected_count).label("expected"),
        func.coalesce(func.sum(MarkSheet.row_count), 0).label("registered"),
        func.coalesce(func.sum(MarkSheet.linked_count), 0).label("linked"),
    ]
