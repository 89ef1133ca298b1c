"""Papers in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.papers.tables import Paper
from shared.kernel.database.repository import one_visible, visible
from shared.terms.actor import Actor


def papers_of(actor: Actor, exam: Exam) -> Select[Paper]:
    """Every paper of an exam."""
    return visible(Paper, actor).where(Paper.exam_id == exam.id)


async def all_papers(session: AsyncSession, actor: Actor, exam: Exam) -> Sequence[Paper]:
    """Every paper of an exam, by subject."""
    return (await session.scalars(papers_of(actor, exam).order_by(Paper.subject))).all()


async def find_paper(session: AsyncSession, actor: Actor, exam: Exam, subject: str) -> Paper | None:
    """The paper of a subject, or ``None``."""
    statement = papers_of(actor, exam).where(Paper.subject == subject).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def paper_of(session: AsyncSession, actor: Actor, exam: Exam, subject: str) -> Paper:
    """The paper of a subject, or ``resource.not_found``."""
    return await one_visible(
        session, Paper, actor, Paper.exam_id == exam.id, Paper.subject == subject, what=f"paper of {subject}"
    )
