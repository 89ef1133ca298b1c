"""Uploads in the database."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.intake.tables import Upload
from shared.kernel.database.repository import one_visible
from shared.terms.actor import Actor


async def upload_by_id(session: AsyncSession, actor: Actor, exam: Exam, upload_id: uuid.UUID) -> Upload:
    """One upload, or ``resource.not_found``."""
    return await one_visible(
        session, Upload, actor, Upload.id == upload_id, Upload.exam_id == exam.id, what=f"upload {upload_id}"
    )


async def upload_of_job(session: AsyncSession, upload_id: uuid.UUID) -> Upload:
    """The upload a job reads; jobs act for the whole service."""
    return (await session.execute(select(Upload).where(Upload.id == upload_id))).scalar_one()
