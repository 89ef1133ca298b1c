"""Completeness counted by the database: a few statements, whatever the number of schools."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, func
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.completeness.rules import Completeness
from services.monitoring.corrections.repository import open_counts
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.exclusions import repository as exclusions
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

_IN_FORCE = and_(
    MarkSheet.exam_id == Participant.exam_id,
    MarkSheet.school_code == Participant.school_code,
    MarkSheet.superseded_at.is_(None),
)


async def by_county(session: AsyncSession, actor: Actor, exam: Exam) -> dict[str, Completeness]:
    """Completeness of every county that the actor sees schools of, by code."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id)
    return await _with_the_rest(session, actor, exam, await _counted(session, statement, "county_code"), "county_code")


async def by_school(
    session: AsyncSession, actor: Actor, exam: Exam, school_codes: Collection[str] | None = None
) -> dict[str, Completeness]:
    """Completeness of visible schools, by code; of all of them unless codes are given."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id)
    if school_codes is not None:
        statement = statement.where(Participant.school_code.in_(school_codes))
    found = await _counted(session, statement, "school_code")
    return await _with_the_rest(session, actor, exam, found, "school_code", school_codes)


async def _counted(session: AsyncSession, schools: Select[Participant], unit: str) -> dict[str, Completeness]:
    key: Any = getattr(Participant, unit)
    statement = schools.outerjoin(MarkSheet, _IN_FORCE).with_only_columns(key, *_counts()).group_by(key).order_by(key)
    found: dict[str, Completeness] = {}
    for row in (await session.execute(statement)).mappings():
        counts: dict[str, Any] = {name: int(row[name]) for name in row if name != unit}
        found[str(row[unit])] = Completeness(**counts)
    return found


async def _with_the_rest(
    session: AsyncSession,
    actor: Actor,
    exam: Exam,
    found: dict[str, Completeness],
    unit: str,
    school_codes: Collection[str] | None = None,
) -> dict[str, Completeness]:
    """Adds what stands in tables of its own: exclusions by reason, and open corrections."""
    corrections = await open_counts(session, actor, exam, unit, clock.now())
    pupils: dict[str, dict[str, int]] = {}
    rows: dict[str, dict[str, int]] = {}
    for code, is_pupil, reason, count in await exclusions.counts(session, actor, exam, unit, school_codes):
        (pupils if is_pupil else rows).setdefault(code, {})[reason] = count
    return {
        code: replace(
            each,
            excluded=pupils.get(code, {}),
            coded=rows.get(code, {}),
            corrections_open=corrections.get(code, 0),
        )
        for code, each in found.items()
    }


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
