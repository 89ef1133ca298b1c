"""Batches of reports in the database."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.report_batches.tables import ReportBatch
from shared.kernel.database.repository import one_visible
from shared.terms.actor import Actor


async def own_batch(session: AsyncSession, actor: Actor, exam: Exam, batch_id: uuid.UUID) -> ReportBatch:
    """A batch that the caller asked for, or ``resource.not_found``: what one may see another may not."""
    own = (ReportBatch.id == batch_id, ReportBatch.exam_id == exam.id)
    theirs = (ReportBatch.asked_by == actor.subject, ReportBatch.org_path == actor.org)
    return await one_visible(session, ReportBatch, actor, *own, *theirs, what=f"report batch {batch_id}")


async def batch_by_id(session: AsyncSession, batch_id: uuid.UUID) -> ReportBatch | None:
    """The batch a job works on; ``None`` once it has expired."""
    return (await session.execute(select(ReportBatch).where(ReportBatch.id == batch_id))).scalar_one_or_none()


async def delete_expired(session: AsyncSession, at: dt.datetime) -> int:
    """Forgets batches whose time is over; their archives are swept with the files that no row names."""
    gone = delete(ReportBatch).where(ReportBatch.expires_at <= at).returning(ReportBatch.id)
    return len((await session.execute(gone)).all())


async def all_ids(session: AsyncSession) -> Sequence[uuid.UUID]:
    """Every batch that is kept."""
    return (await session.scalars(select(ReportBatch.id))).all()
