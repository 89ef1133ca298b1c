"""Batches of reports as callers ask for and see them."""

import datetime as dt
import uuid

from pydantic import BaseModel, Field

from services.monitoring.exams.fields import Strict, SubjectCode
from services.monitoring.report_batches.tables import ReportBatch


class ReportBatchIn(Strict):
    """Which reports; by default those of all the caller's schools in all subjects."""

    subjects: list[SubjectCode] | None = Field(default=None, max_length=40)
    school_codes: list[str] | None = Field(default=None, max_length=5_000)


class ReportBatchOut(BaseModel):
    """A batch; the archive can be fetched once it is finished and until it expires."""

    id: uuid.UUID
    exam: str
    result_version: str
    subjects: list[str]
    school_count: int
    job_id: uuid.UUID | None
    report_count: int | None
    size: int | None
    sha256: str | None
    asked_at: dt.datetime
    finished_at: dt.datetime | None
    expires_at: dt.datetime


def batch_out(batch: ReportBatch, exam: str) -> ReportBatchOut:
    """A batch on its own."""
    named = ("id", "result_version", "subjects", "job_id", "report_count", "size", "sha256")
    times = ("asked_at", "finished_at", "expires_at")
    return ReportBatchOut(
        exam=exam,
        school_count=len(batch.school_codes),
        **{name: getattr(batch, name) for name in (*named, *times)},
    )
