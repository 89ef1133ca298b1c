"""Cycles, schools and members as callers write and read them."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.teacher_eval.cycles.rules import (
    CYCLE_LIFE,
    LEAST_PUBLICITY_DAYS,
    SCHOOL_LIFE,
    CycleState,
    SchoolState,
    next_self_step,
)
from services.teacher_eval.cycles.tables import Cycle, Member, SchoolCycle
from services.teacher_eval.permissions import CYCLE_STEPS, PERMISSIONS, SCHOOL_STEPS
from shared.kernel.web.fields import CountyCode, Name, OwnCode, Reason, SchoolCode, SchoolYear, Strict
from shared.kernel.web.validation import refused
from shared.policy.annual_assessment import Rounding, least_totals, quota_rule
from shared.terms.actor import Actor

StaffKey = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{26}$")]
GroupName = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]


class QuotaUnit(StrEnum):
    """Of whose staff the quota of the best is counted."""

    SCHOOL = "school"
    COUNTY = "county"
    """A county shares its quota out to its schools."""


class Posted(StrEnum):
    """Whose grades a school's notice shows."""

    ALL = "all"
    EXCELLENT = "excellent"


class NameIn(Strict):
    """A name in Chinese and English."""

    zh: Name
    en: Name


class ScopeIn(Strict):
    """Whose staff is evaluated; none given means every open school of the area."""

    counties: list[CountyCode] | None = Field(default=None, min_length=1, max_length=200)
    schools: list[SchoolCode] | None = Field(default=None, min_length=1, max_length=10_000)


class QuotaIn(Strict):
    """The quota of the best as a bureau applies it."""

    unit: QuotaUnit = QuotaUnit.SCHOOL
    rate: Decimal = Field(default_factory=lambda: quota_rule().usual, ge=0, decimal_places=4)
    rounding: Rounding = Field(default_factory=lambda: quota_rule().rounding)

    @model_validator(mode="after")
    def _is_lawful(self) -> "QuotaIn":
        if self.rate > quota_rule().usual:
            raise refused("cycle.quota_above_law", rate=f"{self.rate:%}", most=f"{quota_rule().usual:%}")
        return self


class LeastTotalsIn(Strict):
    """From which total on a grade is proposed."""

    qualified: Decimal = Field(default_factory=lambda: least_totals().qualified, ge=0, le=100, decimal_places=2)
    basically_qualified: Decimal = Field(
        default_factory=lambda: least_totals().basically_qualified, ge=0, le=100, decimal_places=2
    )

    @model_validator(mode="after")
    def _is_in_order(self) -> "LeastTotalsIn":
        if self.basically_qualified > self.qualified:
            raise ValueError("the lower grade takes the lower total")
        return self


class PublicityIn(Strict):
    """What a school's notice shows, and for how long."""

    working_days: int = Field(default=LEAST_PUBLICITY_DAYS, ge=LEAST_PUBLICITY_DAYS, le=30)
    posted: Posted = Posted.EXCELLENT
    area_scores: bool = Field(default=False, description="是否公示各领域得分 / whether scores per area are posted")


class CycleIn(Strict):
    """Everything an annual evaluation depends on."""

    name: NameIn
    school_year: SchoolYear
    first_day: dt.date = Field(description="考核期首日 / first day of the period assessed")
    last_day: dt.date = Field(description="考核期末日 / its last day")
    as_of: dt.date = Field(description="评价标准适用日 / the day whose weights and rules count")
    scheme: OwnCode = Field(description="评价方案代码 / code of the scheme")
    scheme_version: int = Field(ge=1, le=1_000_000, description="已发布的版本 / a published version of it")
    scope: ScopeIn = Field(default_factory=ScopeIn)
    quota: QuotaIn = Field(default_factory=QuotaIn)
    least_totals: LeastTotalsIn = Field(default_factory=LeastTotalsIn)
    publicity: PublicityIn = Field(default_factory=PublicityIn)
    is_evidence_required: bool = Field(default=True, description="查阅资料类指标须附佐证 / documents need a file")
    least_ballots: int = Field(default=5, ge=3, le=1_000, description="民主测评最少票数 / ballots an appraisal needs")
    least_group: int = Field(default=5, ge=3, le=100, description="分组比较最少人数 / least people of a band shown")

    @model_validator(mode="after")
    def _is_a_period(self) -> "CycleIn":
        if self.last_day <= self.first_day or (self.last_day - self.first_day).days > 400:
            raise ValueError("the period ends after it began, within a year")
        return self


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: Reason


class StepIn(Strict):
    """A step of a school; where somebody is missing it needs a reason."""

    accept_reason: Reason | None = None


class MemberChangeIn(Strict):
    """What of a member is to be another, and why; what is left out stays."""

    track: str | None = Field(default=None, max_length=40)
    group: GroupName | None = None
    ungraded: str | None = Field(default=None, max_length=60, description="不确定档次的原因代码；null 表示参加评定")
    reason: Reason


class FilingIn(Strict):
    """The county's number of a filing."""

    number: Annotated[str, StringConstraints(min_length=2, max_length=80, strip_whitespace=True)]


class CycleOut(BaseModel):
    """A cycle."""

    code: str
    state: CycleState
    actions: list[str]
    school_year: str
    definition: dict[str, Any]
    scheme: dict[str, str]
    filled: dict[str, Any] | None
    version: int


class SchoolCycleOut(BaseModel):
    """A school's evaluation of its staff."""

    cycle: str
    school_code: str
    county_code: str
    name_zh: str
    state: SchoolState
    state_reason: str | None
    actions: list[str]
    accepted: list[Any]
    publicity_ends_at: dt.datetime | None
    confirmed_at: dt.datetime | None
    receipt: dict[str, Any] | None
    version: int


class GateOut(BaseModel):
    """Whether the next step of a school is free, and who holds it up."""

    state: SchoolState
    step: str | None
    is_open: bool
    missing: dict[str, list[str]]


class MemberOut(BaseModel):
    """Somebody whom a school evaluates."""

    staff_key: str
    name: str
    school_code: str
    post: str | None
    professional_title: str | None
    track: str
    group: str
    ungraded: str | None
    change_reason: str | None
    asked_count: int
    done: dict[str, Any]
    next_step: str | None
    version: int


class BurdenOut(BaseModel):
    """How many figures people enter by hand, and how many they are spared."""

    members: int
    asked_least: int
    asked_median: float
    asked_most: int
    asked_total: int
    leaf_count: int
    entered_leaves: int
    computed_leaves: int
    judged_by_others_leaves: int


def cycle_out(row: Cycle, actor: Actor) -> CycleOut:
    """A cycle as somebody sees it."""
    state = CycleState(row.state)
    return CycleOut(
        code=row.code,
        state=state,
        actions=[step for step in CYCLE_LIFE.actions(state) if PERMISSIONS.grants[CYCLE_STEPS[step]].allows(actor)],
        school_year=row.school_year,
        definition=row.definition,
        scheme={
            "code": row.scheme_code,
            "version": str(row.definition["scheme_version"]),
            "sha256": row.scheme_sha256,
        },
        filled=row.filled,
        version=row.version,
    )


def school_out(row: SchoolCycle, cycle: Cycle, actor: Actor) -> SchoolCycleOut:
    """A school's evaluation as somebody sees it."""
    state = SchoolState(row.state)
    plain = ("school_code", "county_code", "name_zh", "state_reason", "accepted", "publicity_ends_at", "confirmed_at")
    return SchoolCycleOut(
        cycle=cycle.code,
        state=state,
        actions=[step for step in SCHOOL_LIFE.actions(state) if PERMISSIONS.grants[SCHOOL_STEPS[step]].allows(actor)],
        receipt=row.receipt,
        version=row.version,
        **{name: getattr(row, name) for name in plain},
    )


def member_out(row: Member) -> MemberOut:
    """A member as the school sees them."""
    plain = set(MemberOut.model_fields) - {"next_step"}
    return MemberOut(
        next_step=None if row.ungraded else next_self_step(row.track, row.done),
        **{name: getattr(row, name) for name in plain},
    )
