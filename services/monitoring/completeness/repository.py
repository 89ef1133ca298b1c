"""Completeness counted by the database: a few statements, whatever the number of schools."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.completeness.rules import Completeness
from services.monitoring.corrections.repository import open_counts
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.exclusions import repository as exclusions
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel import clock
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor

Counts = dict[str, dict[str, Any]]


async def by_county(session: AsyncSession, actor: Actor, exam: Exam) -> dict[str, Completeness]:
    """Completeness of every county that the actor sees schools of, by code."""
    return await _counted(session, actor, exam, "county_code", None)


async def by_school(
    session: AsyncSession, actor: Actor, exam: Exam, school_codes: Collection[str] | None = None
) -> dict[str, Completeness]:
    """Completeness of visible schools, by code; of all of them unless codes are given."""
    return await _counted(session, actor, exam, "school_code", school_codes)


async def _counted(
    session: AsyncSession, actor: Actor, exam: Exam, unit: str, school_codes: Collection[str] | None
) -> dict[str, Completeness]:
    """Each table is counted by itself: a join of two thousand schools with their sheets is planned badly at times."""
    schools = await _grouped(session, actor, exam, Participant, unit, school_codes, _of_schools())
    sheets = await _grouped(session, actor, exam, MarkSheet, unit, school_codes, _of_sheets())
    found = {code: _together(counts, sheets.get(code, {})) for code, counts in schools.items()}
    return await _with_the_rest(session, actor, exam, found, unit, school_codes)


def _together(schools: dict[str, Any], sheets: dict[str, Any]) -> Completeness:
    return Completeness(**schools, **sheets)


async def _grouped(
    session: AsyncSession,
    actor: Actor,
    exam: Exam,
    table: type[Participant] | type[MarkSheet],
    unit: str,
    school_codes: Collection[str] | None,
    counts: Sequence[Any],
) -> Counts:
    key: Any = getattr(table, unit)
    statement = visible(table, actor).where(table.exam_id == exam.id)
    if table is MarkSheet:
        statement = statement.where(MarkSheet.superseded_at.is_(None))
    if school_codes is not None:
        statement = statement.where(table.school_code.in_(school_codes))
    rows = await session.execute(statement.with_only_columns(key, *counts).group_by(key).order_by(key))
    return {str(row[unit]): {name: int(row[name]) for name in row if name != unit} for row in rows.mappings()}


def _of_schools() -> list[Any]:
    return [
        func.count().label("schools"),
        func.count(Participant.refused_upload_id).label("faulty"),
        func.sum(Participant.enrolled_count).label("enrolled"),
        func.sum(Participant.expected_count).label("expected"),
    ]


def _of_sheets() -> list[Any]:
    return [
        func.count().label("received"),
        func.count(MarkSheet.confirmed_at).label("confirmed"),
        func.sum(MarkSheet.row_count).label("registered"),
        func.sum(MarkSheet.linked_count).label("linked"),
    ]


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
