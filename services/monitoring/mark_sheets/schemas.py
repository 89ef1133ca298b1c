"""Uploads, sheets and reconciliation as callers see them."""

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel

from services.monitoring.mark_sheets.tables import MarkSheet, Upload


class SchoolOutcome(BaseModel):
    """What came of one school's rows."""

    school_code: str
    status: int
    outcome: str
    rows: int
    faults: int


class UploadOut(BaseModel):
    """An upload and its signed receipt."""

    id: uuid.UUID
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


class MarkSheetOut(BaseModel):
    """A sheet in force."""

    school_code: str
    county_code: str
    row_count: int
    sha256: str
    upload_id: uuid.UUID
    accepted_at: dt.datetime


class SchoolReconciliation(BaseModel):
    """One school: what the roster expects and what the sheet holds."""

    school_code: str
    county_code: str
    name_zh: str
    received: bool
    enrolled: int
    rows: int
    unaccounted: int
    unlinked: int


class ReconciliationOut(BaseModel):
    """Roster, candidates and marks held against each other."""

    reconciled: bool
    schools: int
    schools_received: int
    enrolled: int
    rows: int
    unaccounted: int
    duplicate_candidates: list[str]
    items: list[SchoolReconciliation]


def upload_out(upload: Upload, exam_code: str) -> UploadOut:
    """An upload as callers see it."""
    base = f"/api/v1/monitoring/exams/{exam_code}/uploads/{upload.id}"
    report = upload.report
    return UploadOut(
        id=upload.id,
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


def mark_sheet_out(sheet: MarkSheet) -> MarkSheetOut:
    """A sheet as callers see it: what it is, not what is in it."""
    return MarkSheetOut(
        school_code=sheet.school_code,
        county_code=sheet.county_code,
        row_count=sheet.row_count,
        sha256=sheet.sha256,
        upload_id=sheet.upload_id,
        accepted_at=sheet.accepted_at,
    )
