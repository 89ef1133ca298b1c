"""Early warnings in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.rules import ACCOUNTING
from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.mark_sheets.tables import MarkSheet
from services.monitoring.results.rules import PUBLISHED, number_of
from services.monitoring.results.tables import ResultSet
from services.monitoring.warnings.rules import AWAITING
from services.monitoring.warnings.tables import EarlyWarning, WarningMessage
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

_HOLD = text("select pg_advisory_xact_lock(hashtextextended(:exam_id, 3))")
#: What warnings are counted by, and the columns of it.
DIMENSIONS: Mapping[str, Any] = {
    "rule": EarlyWarning.rule_code,
    "county": EarlyWarning.county_code,
    "school": EarlyWarning.school_code,
    "subject": EarlyWarning.subject,
    "severity": EarlyWarning.severity,
    "exam": EarlyWarning.exam_code,
    "school_year": EarlyWarning.school_year,
}


async def warning_by_id(session: AsyncSession, actor: Actor, warning_id: uuid.UUID) -> EarlyWarning:
    """One warning, or ``resource.not_found``."""
    return await one_visible(session, EarlyWarning, actor, EarlyWarning.id == warning_id, what=f"warning {warning_id}")


async def warning_for_update(session: AsyncSession, actor: Actor, warning_id: uuid.UUID) -> EarlyWarning:
    """One warning, locked."""
    condition = EarlyWarning.id == warning_id
    return await one_visible_for_update(session, EarlyWarning, actor, condition, what=f"warning {warning_id}")


async def messages_of(session: AsyncSession, actor: Actor, warning: EarlyWarning) -> Sequence[WarningMessage]:
    """The thread of a warning, oldest first."""
    statement = visible(WarningMessage, actor).where(WarningMessage.warning_id == warning.id)
    return (await session.scalars(statement.order_by(WarningMessage.at, WarningMessage.id))).all()


def is_overdue(today: dt.date) -> ColumnElement[bool]:
    """Warnings whose owner owes an answer since before today."""
    return (EarlyWarning.due_on < today) & EarlyWarning.state.in_(sorted(AWAITING))


async def counts(
    session: AsyncSession, actor: Actor, conditions: Collection[ColumnElement[bool]], *, by: str, today: dt.date
) -> Sequence[Mapping[str, Any]]:
    """Warnings by a dimension and state, with how many are overdue."""
    column = DIMENSIONS[by].label("key")
    statement = (
        visible(EarlyWarning, actor)
        .where(*conditions)
        .with_only_columns(
            column,
            EarlyWarning.state,
            func.count().label("count"),
            func.count().filter(is_overdue(today)).label("overdue"),
        )
        .group_by(column, EarlyWarning.state)
        .order_by(column, EarlyWarning.state)
    )
    return [dict(row) for row in (await session.execute(statement)).mappings()]


async def warnings_of_exam(
    session: AsyncSession, actor: Actor, exam_id: uuid.UUID, rule_codes: Collection[str]
) -> Sequence[EarlyWarning]:
    """Every warning that some rules raised in an exam, locked; until commit nobody else raises any in it."""
    await session.execute(_HOLD, {"exam_id": str(exam_id)})
    statement = visible(EarlyWarning, actor).where(
        EarlyWarning.exam_id == exam_id, EarlyWarning.rule_code.in_(sorted(rule_codes))
    )
    return (await session.scalars(statement.order_by(EarlyWarning.id).with_for_update())).all()


async def overdue_warnings(session: AsyncSession, actor: Actor, today: dt.date) -> Sequence[EarlyWarning]:
    """Warnings past their day that somebody above could still answer, locked."""
    statement = visible(EarlyWarning, actor).where(is_overdue(today), EarlyWarning.owner_level != "city")
    return (await session.scalars(statement.order_by(EarlyWarning.id).with_for_update(skip_locked=True))).all()


async def participants_of(session: AsyncSession, actor: Actor, exam_id: uuid.UUID) -> Sequence[Participant]:
    """Schools that take part in an exam."""
    return (await session.scalars(visible(Participant, actor).where(Participant.exam_id == exam_id))).all()


async def first_receipts(session: AsyncSession, actor: Actor, exam_id: uuid.UUID) -> Mapping[str, dt.datetime]:
    """When each school's first sheet was accepted, superseded ones too."""
    statement = (
        visible(MarkSheet, actor)
        .where(MarkSheet.exam_id == exam_id)
        .with_only_columns(MarkSheet.school_code, func.min(MarkSheet.accepted_at))
        .group_by(MarkSheet.school_code)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def collecting_exams(session: AsyncSession, actor: Actor) -> Sequence[Exam]:
    """Exams whose sheets are coming in or being checked."""
    statement = visible(Exam, actor).where(Exam.state.in_(sorted(ACCOUNTING))).order_by(Exam.code)
    return (await session.scalars(statement)).all()


async def exam_of(session: AsyncSession, exam_id: uuid.UUID) -> Exam:
    """The exam a job looks at; jobs act for the whole service."""
    return (await session.execute(select(Exam).where(Exam.id == exam_id))).scalar_one()


async def published(session: AsyncSession, actor: Actor, exam: Exam) -> tuple[ResultSet, Analysis] | None:
    """The version of an exam's results in force with its analysis; ``None`` before publication and after withdrawal."""
    versions = (await session.scalars(visible(ResultSet, actor).where(ResultSet.exam_id == exam.id))).all()
    newest = max(versions, key=number_of, default=None)
    if newest is None or newest.state != PUBLISHED:
        return None
    analysis = await one_visible(session, Analysis, actor, Analysis.id == newest.analysis_id, what="analysis")
    return newest, analysis


async def series_of(session: AsyncSession, actor: Actor, exam: Exam) -> Sequence[Exam]:
    """Other exams of the same kind, grade and area, the latest first."""
    statement = _series(actor, exam).where(Exam.id != exam.id).order_by(Exam.held_on.desc(), Exam.code.desc())
    return (await session.scalars(statement)).all()


def _series(actor: Actor, exam: Exam) -> Select[Exam]:
    return visible(Exam, actor).where(
        Exam.kind == exam.kind, Exam.grade_level == exam.grade_level, Exam.org_path == exam.org_path
    )
