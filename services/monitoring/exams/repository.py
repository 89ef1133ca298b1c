"""Exams and participants in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor

_HOLD = text("select pg_advisory_xact_lock_shared(hashtextextended(:exam_id, 2))")
_CLAIM = text("select pg_advisory_xact_lock(hashtextextended(:exam_id, 2))")


async def exam_by_code(session: AsyncSession, actor: Actor, code: str) -> Exam:
    """The exam, or ``resource.not_found``."""
    return await one_visible(session, Exam, actor, Exam.code == code, what=f"exam {code}")


async def exam_for_update(session: AsyncSession, actor: Actor, code: str) -> Exam:
    """The exam, locked for a change of state: no upload is being put in force meanwhile."""
    exam = await one_visible(session, Exam, actor, Exam.code == code, what=f"exam {code}")
    await session.execute(
        _CLAIM, {"exam_id": str(exam.id)}
    )  # always before the row, so that no two wait for each other
    await session.refresh(exam, with_for_update=True)
    return exam


async def hold_exam(session: AsyncSession, exam: Exam) -> None:
    """Holds the exam as it is until the transaction ends, and reads it afresh.

    An advisory lock, because row-level security lets a school read the city's exam but not lock its row.
    """
    await session.execute(_HOLD, {"exam_id": str(exam.id)})
    await session.refresh(exam)


async def exam_by_id(session: AsyncSession, exam_id: uuid.UUID) -> Exam:
    """The exam a job works on, locked; jobs act for the whole service."""
    await session.execute(_CLAIM, {"exam_id": str(exam_id)})
    statement = select(Exam).where(Exam.id == exam_id).with_for_update()
    return (await session.execute(statement)).scalar_one()


async def find_exam(session: AsyncSession, actor: Actor, code: str) -> Exam | None:
    """The exam, locked, or ``None``."""
    statement = visible(Exam, actor).where(Exam.code == code).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def count_like(session: AsyncSession, exam: Exam) -> int:
    """Other exams of the same kind, grade and school year in the same area."""
    statement = select(func.count()).where(
        Exam.kind == exam.kind,
        Exam.grade_level == exam.grade_level,
        Exam.school_year == exam.school_year,
        Exam.org_path == exam.org_path,
        Exam.code != exam.code,
    )
    return await session.scalar(statement) or 0


async def participant_of(session: AsyncSession, actor: Actor, exam: Exam, school_code: str) -> Participant:
    """The participating school, locked so that its sheets are taken one at a time."""
    return await one_visible_for_update(
        session,
        Participant,
        actor,
        Participant.exam_id == exam.id,
        Participant.school_code == school_code,
        what=f"school {school_code}",
    )


async def participants(
    session: AsyncSession, actor: Actor, exam: Exam, *, for_update: bool = False
) -> Sequence[Participant]:
    """Every visible participating school, by code."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id).order_by(Participant.school_code)
    return (await session.scalars(statement.with_for_update() if for_update else statement)).all()


async def schools_with_sheets(session: AsyncSession, exam: Exam) -> set[str]:
    """Schools whose marks are in force in an exam."""
    statement = select(MarkSheet.school_code).where(MarkSheet.exam_id == exam.id, MarkSheet.superseded_at.is_(None))
    return set((await session.scalars(statement)).all())


async def replace_participants(session: AsyncSession, exam: Exam, rows: Sequence[Participant]) -> None:
    """Takes the frozen roster's schools as the participants."""
    await session.execute(delete(Participant).where(Participant.exam_id == exam.id))
    session.add_all(rows)
    await session.flush()
