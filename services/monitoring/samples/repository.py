"""Samples in the database."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.samples.tables import Sample
from shared.kernel.database.repository import one_visible, one_visible_for_update
from shared.terms.actor import Actor


async def sample_of(session: AsyncSession, actor: Actor, exam: Exam, *, for_update: bool = False) -> Sample:
    """The sample of an exam, or ``resource.not_found``: also for those below the office that holds it."""
    find = one_visible_for_update if for_update else one_visible
    return await find(session, Sample, actor, Sample.exam_id == exam.id, what=f"sample of exam {exam.code}")


async def sample_by_exam(session: AsyncSession, exam_id: uuid.UUID) -> Sample | None:
    """The sample of an exam the caller holds; of the database's rows, those the transaction's organization sees."""
    statement = select(Sample).where(Sample.exam_id == exam_id).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()
