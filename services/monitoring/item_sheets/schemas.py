"""Item sheets as callers see them."""

import datetime as dt
import uuid

from pydantic import BaseModel, Field

from services.monitoring.exams.fields import Strict
from services.monitoring.item_sheets.service.agreement import SheetDifference
from services.monitoring.item_sheets.tables import ItemSheet


class ItemSheetOut(BaseModel):
    """An item sheet in force: what it is, not what is in it."""

    subject: str
    school_code: str
    county_code: str
    row_count: int
    sha256: str
    agrees_with: str | None = Field(
        description="已核对一致的成绩表 / SHA-256 of the mark sheet it is known to agree with"
    )
    upload_id: uuid.UUID
    accepted_at: dt.datetime


class DifferenceOut(BaseModel):
    """One school's items of one subject that are missing or disagree with its mark sheet."""

    subject: str
    school_code: str
    county_code: str
    is_missing: bool
    candidate_unknown: int = Field(description="成绩表中没有的考生 / candidates the mark sheet does not have")
    candidate_missing: int = Field(description="小题分中没有的考生 / candidates without items")
    class_differs: int
    status_differs: int
    sum_differs: int


class WithdrawIn(Strict):
    """Withdrawing a subject's item sheets; the reason is audited."""

    reason: str = Field(min_length=5, max_length=500)


class WithdrawnOut(BaseModel):
    """How many schools' sheets were taken out of force."""

    subject: str
    schools: int


def item_sheet_out(sheet: ItemSheet) -> ItemSheetOut:
    """A sheet as callers see it."""
    return ItemSheetOut(
        subject=sheet.subject,
        school_code=sheet.school_code,
        county_code=sheet.county_code,
        row_count=sheet.row_count,
        sha256=sheet.sha256,
        agrees_with=sheet.agrees_with,
        upload_id=sheet.upload_id,
        accepted_at=sheet.accepted_at,
    )


def difference_out(found: SheetDifference) -> DifferenceOut:
    """A difference as callers see it."""
    counts = found.candidates
    return DifferenceOut(
        subject=found.subject,
        school_code=found.school_code,
        county_code=found.county_code,
        is_missing=found.is_missing,
        candidate_unknown=counts.get("candidate_unknown", 0),
        candidate_missing=counts.get("candidate_missing", 0),
        class_differs=counts.get("class_differs", 0),
        status_differs=counts.get("status_differs", 0),
        sum_differs=counts.get("sum_differs", 0),
    )
