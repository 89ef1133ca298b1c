"""Grades and quotas as callers decide and read them."""

import datetime as dt
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from services.teacher_eval.cycles.schemas import StaffKey
from services.teacher_eval.grading.tables import GradeDecision
from shared.kernel.web.fields import Document, Strict
from shared.kits.fields import Reason
from shared.policy.annual_assessment import AnnualGrade


class GradeIn(Strict):
    """A person's grade; another than proposed needs a reason."""

    staff_key: StaffKey
    grade: AnnualGrade
    reason: Reason | None = None


class GradesIn(Strict):
    """Grades decided together, all or none."""

    items: list[GradeIn] = Field(min_length=1, max_length=2_000)


class ApprovalIn(Strict):
    """An approval that raises a school's share of the best."""

    rate: Decimal = Field(ge=0, le=1, decimal_places=4, description="批准的优秀比例 / the share approved")
    document: Document


class AllotmentIn(Strict):
    """A school's part of its county's quota."""

    seats: int = Field(ge=0, le=10_000, description="分配的优秀名额 / seats allotted")
    document: Document


class QuotaOut(BaseModel):
    """How many of a school may be excellent, and how many are."""

    base: int
    rate: Decimal
    seats: int
    is_allotted: bool
    excellent: int
    proposed: int
    open_seats: int


class GradeRowOut(BaseModel):
    """Where the grading of one person stands."""

    staff_key: str
    name: str
    track: str
    group: str
    graded_by: str
    total: Decimal | None
    cap: AnnualGrade | None
    proposed: AnnualGrade | None
    note: str | None
    grade: AnnualGrade | None
    reason: str | None
    is_outdated: bool


class GradingOut(BaseModel):
    """Where the grading of a school stands."""

    cycle: str
    school_code: str
    version: str
    quota: QuotaOut
    missing: int
    outdated: int
    people: list[GradeRowOut]


class DecisionOut(BaseModel):
    """A decision on a grade."""

    grade: AnnualGrade
    proposed: AnnualGrade | None
    note: str
    total: Decimal | None
    reason: str | None
    by_organization: str
    decided_at: dt.datetime


class QuotaDecisionOut(BaseModel):
    """A decision on a school's quota."""

    rate: Decimal | None
    seats: int | None
    document: str
    decided_at: dt.datetime


def decision_out(row: GradeDecision) -> DecisionOut:
    """A decision as callers see it; who exactly it was stays with the audit log."""
    plain: dict[str, Any] = {
        name: getattr(row, name) for name in ("grade", "proposed", "note", "total", "reason", "decided_at")
    }
    return DecisionOut(by_organization=row.author_org, **plain)
