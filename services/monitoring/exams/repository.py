"""Exams and participants in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.mark_sheets.tables import MarkSheet
from shared.kernel.database.repository import one_visible, one_visible_for_update, visible
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

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


def participants_of(actor: Actor, exam: Exam) -> Select[Participant]:
    """Visible participating schools."""
    return visible(Participant, actor).where(Participant.exam_id == exam.id)


async def counties_of_schools(
    session: AsyncSession, actor: Actor, exam: Exam, school_code: str | None = None
) -> dict[str, str]:
    """County code by code of the visible participating schools, or of the one named."""
    statement = participants_of(actor, exam)
    if school_code is not None:
        statement = statement.where(Participant.school_code == school_code)
    columns = statement.with_only_columns(Participant.school_code, Participant.county_code)
    return {row.school_code: row.county_code for row in await session.execute(columns)}


async def participants(
    session: AsyncSession, actor: Actor, exam: Exam, *, for_update: bool = False
) -> Sequence[Participant]:
    """Every visible participating school, by code."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id).order_by(Participant.school_code)
    return (await session.scalars(statement.with_for_update() if for_update else statement)).all()


async def participants_for_update(
    session: AsyncSession, actor: Actor, exam: Exam, school_codes: Collection[str]
) -> dict[str, Participant]:
    """Visible participating schools by code, locked in one order, so that no two callers wait for each other."""
    statement = (
        visible(Participant, actor)
        .where(Participant.exam_id == exam.id, Participant.school_code.in_(sorted(school_codes)))
        .order_by(Participant.school_code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.school_code: row for row in await session.scalars(statement)}


async def allow_resending(
    session: AsyncSession, actor: Actor, exam: Exam, school_codes: Sequence[str], *, until: dt.datetime | None
) -> None:
    """Lets schools send their sheets again until a moment; raises ``resource.not_found`` for one that takes no part."""
    found = await participants_for_update(session, actor, exam, school_codes)
    if unknown := [code for code in school_codes if code not in found]:
        raise DomainError("resource.not_found", params={"what": f"school {', '.join(unknown[:10])}"})
    for row in found.values():
        row.resend_until = until


async def resending_until(session: AsyncSession, actor: Actor, exam: Exam, school_code: str) -> dt.datetime | None:
    """Until when a school alone may send its sheet again, or ``None``."""
    statement = participants_of(actor, exam).where(Participant.school_code == school_code)
    return await session.scalar(statement.with_only_columns(Participant.resend_until))


async def end_resending(session: AsyncSession, exam: Exam) -> None:
    """No school may send any more."""
    await session.execute(update(Participant).where(Participant.exam_id == exam.id).values(resend_until=None))


async def sheets_of(session: AsyncSession, exam: Exam) -> Sequence[MarkSheet]:
    """Sheets in force in an exam, for a job, which acts for the whole service."""
    statement = select(MarkSheet).where(MarkSheet.exam_id == exam.id, MarkSheet.superseded_at.is_(None))
    return (await session.scalars(statement)).all()


async def schools_with_sheets(session: AsyncSession, exam: Exam) -> set[str]:
    """Schools whose marks are in force in an exam."""
    return {sheet.school_code for sheet in await sheets_of(session, exam)}


async def replace_participants(session: AsyncSession, exam: Exam, rows: Sequence[Participant]) -> None:
    """Takes the frozen roster's schools as the participants; who has a refused upload to mend still has it."""
    columns = select(Participant.school_code, Participant.refused_upload_id).where(Participant.exam_id == exam.id)
    refused = {row.school_code: row.refused_upload_id for row in await session.execute(columns)}
    for row in rows:
        row.refused_upload_id = refused.get(row.school_code)
    await session.execute(delete(Participant).where(Participant.exam_id == exam.id))
    session.add_all(rows)
    await session.flush()
