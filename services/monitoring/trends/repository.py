"""Published exams in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.results.tables import ResultSet
from shared.kernel.database.repository import visible
from shared.terms.actor import Actor


async def published_exams(
    session: AsyncSession, actor: Actor, *, kind: str | None, grade_level: int | None, limit: int
) -> Sequence[Exam]:
    """The latest exams with a version of their results, latest first."""
    versions = select(ResultSet.exam_id).where(ResultSet.state == "published")
    statement = visible(Exam, actor).where(Exam.id.in_(versions))
    if kind is not None:
        statement = statement.where(Exam.kind == kind)
    if grade_level is not None:
        statement = statement.where(Exam.grade_level == grade_level)
    return (await session.scalars(statement.order_by(Exam.held_on.desc(), Exam.code).limit(limit))).all()
