"""Completeness and reconciliation as callers see them."""

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.monitoring.completeness.rules import Completeness
from services.monitoring.exams.rules import ExamState
from services.monitoring.exams.tables import Participant


class CompletenessCounts(BaseModel):
    """What has come of what is expected."""

    schools: int = Field(description="参加学校 / schools that take part")
    received: int = Field(description="已收学校 / schools whose sheet is in force")
    faulty: int = Field(description="最近一次上传被拒的学校 / schools whose last upload was refused")
    missing: int = Field(description="未报学校 / schools without a sheet")
    confirmed: int = Field(description="已确认学校 / schools that confirmed their sheet")
    corrections_open: int = Field(description="未了结的更正申请 / corrections asked for or granted and not yet sent")
    expected: int = Field(description="应考人数：年级起始人数＋转入－转出 / at the start of the grade + in − out")
    enrolled: int = Field(description="冻结名单人数 / pupils of the frozen roster")
    registered: int = Field(description="成绩表行数 / rows of the sheets in force")
    excluded: int = Field(description="有说明的无成绩学生 / pupils without a row whose absence is explained")
    excluded_by_code: dict[str, int]
    unaccounted: int = Field(description="去向不明的学生 / pupils with neither row nor reason")
    unlinked: int = Field(description="未关联学籍的行 / rows without a link to the roster")
    unlinked_by_reason: dict[str, int]
    enrollment_participation_rate: Decimal | None = Field(description="参考率：registered ÷ expected")


class CountyCompleteness(CompletenessCounts):
    """A county's line of the board."""

    county_code: str


class SchoolCompleteness(CompletenessCounts):
    """A school's line of the board."""

    county_code: str
    school_code: str
    name_zh: str
    resend_until: dt.datetime | None


class CompletenessOut(BaseModel):
    """The board: everything the reader sees together, then line by line."""

    exam: str
    state: ExamState
    checking_ends_at: dt.datetime | None
    level: Literal["county", "school"]
    total: CompletenessCounts
    items: list[CountyCompleteness | SchoolCompleteness]
    next_cursor: str | None


class SchoolReconciliation(BaseModel):
    """One school: what the roster expects and what the sheet holds."""

    school_code: str
    county_code: str
    name_zh: str
    received: bool
    confirmed: bool
    at_start: int
    transferred_in: int
    transferred_out: int
    expected: int
    enrolled: int
    rows: int
    excluded_by_code: dict[str, int]
    unaccounted: int
    unlinked: int
    unlinked_by_reason: dict[str, int]


class ReconciliationOut(BaseModel):
    """Roster, candidates and marks held against each other."""

    reconciled: bool
    schools: int
    schools_received: int
    expected: int
    enrolled: int
    rows: int
    excluded: int
    excluded_by_code: dict[str, int]
    unaccounted: int
    unlinked: int
    unlinked_by_reason: dict[str, int]
    duplicate_candidates: list[str]
    item_sheets_missing: int = Field(description="缺小题分的学校与学科 / schools and subjects without items")
    item_sheets_differing: int = Field(description="小题分与成绩不一致 / items that disagree with the marks")
    items: list[SchoolReconciliation]


def counts_out(found: Completeness) -> CompletenessCounts:
    """Counts as callers see them."""
    return CompletenessCounts(**_members(found))


def county_completeness(code: str, found: Completeness) -> CountyCompleteness:
    """A county's line."""
    return CountyCompleteness(county_code=code, **_members(found))


def school_completeness(school: Participant, found: Completeness) -> SchoolCompleteness:
    """A school's line."""
    return SchoolCompleteness(
        county_code=school.county_code,
        school_code=school.school_code,
        name_zh=school.name_zh,
        resend_until=school.resend_until,
        **_members(found),
    )


def school_reconciliation(school: Participant, found: Completeness) -> SchoolReconciliation:
    """A school's line of the reconciliation."""
    return SchoolReconciliation(
        school_code=school.school_code,
        county_code=school.county_code,
        name_zh=school.name_zh,
        received=found.received == 1,
        confirmed=found.confirmed == 1,
        at_start=school.at_start_count,
        transferred_in=school.transferred_in_count,
        transferred_out=school.transferred_out_count,
        expected=found.expected,
        enrolled=found.enrolled,
        rows=found.registered,
        excluded_by_code=dict(found.excluded),
        unaccounted=found.unaccounted,
        unlinked=found.unlinked,
        unlinked_by_reason=dict(found.coded),
    )


_PLAIN = (
    *("schools", "received", "faulty", "missing", "confirmed", "corrections_open"),
    *("expected", "enrolled", "registered", "unaccounted", "unlinked", "enrollment_participation_rate"),
)


def _members(found: Completeness) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _PLAIN} | {
        "excluded": found.excluded_count,
        "excluded_by_code": dict(found.excluded),
        "unlinked_by_reason": dict(found.coded),
    }
