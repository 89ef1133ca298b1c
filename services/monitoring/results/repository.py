"""Result sets in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam, Participant
from services.monitoring.results.tables import ResultSet
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor


async def versions_of(session: AsyncSession, actor: Actor, exam: Exam) -> Sequence[ResultSet]:
    """Every version of an exam's results, newest first."""
    newest_first = (ResultSet.major.desc(), ResultSet.minor.desc(), ResultSet.patch.desc())
    statement = visible(ResultSet, actor).where(ResultSet.exam_id == exam.id).order_by(*newest_first)
    return (await session.scalars(statement)).all()


async def has_school(session: AsyncSession, actor: Actor, exam: Exam, school_code: str) -> bool:
    """Whether a participating school lies within the actor's organization."""
    statement = visible(Participant, actor).where(
        Participant.exam_id == exam.id, Participant.school_code == school_code
    )
    return (await session.scalars(statement)).first() is not None


async def school_names(session: AsyncSession, actor: Actor, exam: Exam) -> dict[str, str]:
    """Names, by code, of the participating schools that the actor's organization holds."""
    statement = visible(Participant, actor).where(Participant.exam_id == exam.id)
    return {row.school_code: row.name_zh for row in await session.scalars(statement)}
