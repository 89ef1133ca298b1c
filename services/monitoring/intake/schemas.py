"""Uploads as callers see them."""

import uuid
from typing import Any

from pydantic import BaseModel

from services.monitoring.intake.tables import Upload


class SchoolOutcome(BaseModel):
    """What came of one school's rows."""

    school_code: str
    status: int
    outcome: str
    rows: int
    faults: int
    sha256: str | None = None


class UploadOut(BaseModel):
    """An upload and its signed receipt."""

    id: uuid.UUID
    subject: str | None
    outcome: str
    dry_run: bool
    format: str
    encoding: str | None
    rows: int
    fault_count: int
    faults_by_code: dict[str, int]
    items: list[SchoolOutcome]
    errors_url: str | None
    job_url: str | None
    receipt: dict[str, Any]


def upload_out(upload: Upload, exam_code: str) -> UploadOut:
    """An upload as callers see it."""
    base = f"/api/v1/monitoring/exams/{exam_code}/uploads/{upload.id}"
    report = upload.report
    return UploadOut(
        id=upload.id,
        subject=upload.subject,
        outcome=upload.outcome,
        dry_run=upload.dry_run,
        format=upload.format,
        encoding=upload.encoding,
        rows=report.get("rows", 0),
        fault_count=report.get("fault_count", 0),
        faults_by_code=report.get("faults_by_code", {}),
        items=[SchoolOutcome(**item) for item in report.get("schools", [])],
        errors_url=f"{base}/errors" if upload.faults_sha256 else None,
        job_url=f"/api/v1/monitoring/jobs/{upload.job_id}" if upload.job_id else None,
        receipt=upload.receipt,
    )
