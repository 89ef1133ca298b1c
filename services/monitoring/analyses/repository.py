"""Analyses in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.analyses.tables import Analysis
from services.monitoring.exams.tables import Exam
from shared.kernel.database.repository import one_visible, visible
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor


def analyses_of(actor: Actor, exam: Exam) -> Select[Analysis]:
    """Every analysis of an exam."""
    return visible(Analysis, actor).where(Analysis.exam_id == exam.id)


async def analysis_by_number(session: AsyncSession, actor: Actor, exam: Exam, number: int) -> Analysis:
    """One analysis, or ``resource.not_found``."""
    return await one_visible(
        session, Analysis, actor, Analysis.exam_id == exam.id, Analysis.number == number, what=f"analysis {number}"
    )


async def analysis_by_id(session: AsyncSession, analysis_id: uuid.UUID) -> Analysis:
    """The analysis a job works on; jobs act for the whole service."""
    return (await session.execute(select(Analysis).where(Analysis.id == analysis_id))).scalar_one()


async def analyses_of_inputs(
    session: AsyncSession, actor: Actor, exam: Exam, inputs_sha256: str
) -> Sequence[tuple[Analysis, Job | None]]:
    """Analyses of the same inputs with their jobs, newest first; the caller holds the exam's row."""
    statement = (
        visible(Analysis, actor)
        .add_columns(Job)
        .outerjoin(Job, Job.id == Analysis.job_id)
        .where(Analysis.exam_id == exam.id, Analysis.inputs_sha256 == inputs_sha256)
        .order_by(Analysis.number.desc())
    )
    return [(row[0], row[1]) for row in await session.execute(statement)]


async def last_finished(session: AsyncSession, actor: Actor, exam: Exam) -> Analysis | None:
    """The newest analysis that has figures."""
    statement = analyses_of(actor, exam).where(Analysis.state == "finished").order_by(Analysis.number.desc()).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def tasks_done(session: AsyncSession, exam_id: uuid.UUID, *, runs: int = 5) -> list[dict[str, Any]]:
    """What the last runs of an exam did, newest first; jobs act for the whole service."""
    statement = (
        select(Analysis.tasks)
        .where(Analysis.exam_id == exam_id, Analysis.state == "finished", Analysis.tasks.is_not(None))
        .order_by(Analysis.number.desc())
        .limit(runs)
    )
    return [done for tasks in (await session.scalars(statement)).all() if tasks for done in tasks.values()]


async def next_number(session: AsyncSession, exam: Exam) -> int:
    """The number of the next analysis; the caller holds the exam's row."""
    last = await session.scalar(select(func.max(Analysis.number)).where(Analysis.exam_id == exam.id))
    return (last or 0) + 1
