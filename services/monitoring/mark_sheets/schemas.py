"""Sheets and reconciliation as callers see them."""

import datetime as dt
import uuid

from pydantic import BaseModel

from services.monitoring.mark_sheets.tables import MarkSheet


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
