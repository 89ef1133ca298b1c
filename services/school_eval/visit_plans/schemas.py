"""Visit plans as callers write and read them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from services.school_eval.visit_plans.rules import PlanState, Role, Stratum
from services.school_eval.visit_plans.tables import PlannedSchool, VisitDraw, VisitPlan
from shared.kernel.web.fields import OwnCode, SchoolCode, SchoolYear, Strict, TwoNames
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused
from shared.policy.inspections import Covered, Period
from shared.terms.education import is_school_year

Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4)]
#: Largest whole number that every program reads from JSON without loss.
MAX_SEED = 2**53 - 1


class VisitPlanIn(Strict):
    """What a plan is to visit. Rates left out are the policy's."""

    name: TwoNames
    school_year: SchoolYear
    semester: Literal[1, 2] | None = Field(default=None, description="学期；空为整学年 / null: the whole year")
    checklists: list[OwnCode] = Field(min_length=1, max_length=4)
    schools: int = Field(ge=1, le=5_000, description="视导学校数 / schools to visit")
    rural_rate: Rate | None = Field(default=None, description="农村学校比例 / least share of rural schools")
    double_rated_rate: Rate | None = Field(default=None, description="双人独立评分比例 / share rated by two")
    with_city_run: bool = Field(default=True, description="市直属学校必到 / city-run schools are certain")
    certain_schools: list[SchoolCode] = Field(default=[], max_length=1_000, description="必到学校 / always visited")
    is_announced: bool = Field(default=False, description="是否事先通知学校 / whether schools are told beforehand")
    signature_days: int | None = Field(default=None, ge=1, le=15, description="学校签收期限（工作日）/ working days")

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if not is_school_year(self.school_year):
            raise refused("visit_plan.school_year_invalid", school_year=self.school_year)
        if len(set(self.certain_schools)) > self.schools:
            raise refused("visit_plan.certain_beyond_number")
        return self


class DrawIn(Strict):
    """The draw: the seed was made after the frame was closed, before witnesses."""

    seed: int = Field(ge=0, le=MAX_SEED, description="封框后当众产生 / made in public after the frame was closed")
    witnessed_by: str = Field(min_length=2, max_length=200, description="见证部门或职务 / offices that witnessed it")
    frame_hash: str | None = Field(
        default=None, description="见证时宣读的框指纹 / fingerprint read out before the seed"
    )


class FrameOut(BaseModel):
    """A closed frame; its hash is the SHA-256 of what ``frame:download`` answers."""

    frame_hash: str
    schools: int
    closed_at: dt.datetime
    closed_by: str


class VisitDrawOut(BaseModel):
    """A draw, and everything needed to repeat it beside the frame."""

    seed: int
    numbers: dict[Stratum, int]
    double_rated_rate: str
    generator: str
    witnessed_by: str
    drawn_by: str
    drawn_at: dt.datetime


class ChecklistRef(BaseModel):
    """A published checklist."""

    code: str
    number: int
    sha256: str


class VisitPlanOut(BaseModel):
    """A visit plan."""

    organization: str
    code: str
    school_year: str
    semester: int | None
    state: PlanState
    design: dict[str, Any]
    checklists: list[ChecklistRef]
    frame: FrameOut | None
    draw: VisitDrawOut | None
    version: int


class PlannedSchoolOut(BaseModel):
    """A school of a drawn plan with the probability it had."""

    school_code: str
    county_code: str
    school_name_zh: str
    stratum: Stratum
    is_rural: bool
    is_city_run: bool
    probability: float
    role: Role
    reserve_order: int | None
    is_double_rated: bool
    replaced_by: str | None
    replaced_reason: str | None
    replaced_at: dt.datetime | None


class DrawVerificationOut(BaseModel):
    """Whether the draw, repeated from frame and seed, gives what is stored."""

    is_verified: bool
    differences: list[str]


class QuotaOut(BaseModel):
    """How far a quota is met."""

    quota: str
    name: TwoNames
    organization: str
    period: Period
    school_year: str
    semester: int | None
    of: Covered
    schools: int
    needed: int
    visited: int
    rural_needed: int
    rural_visited: int
    is_met: bool
    document: str
    verified: bool


class UnvisitedOut(BaseModel):
    """Schools of a county that nobody has visited yet, ever or in the period."""

    county_code: str
    schools: int
    never_visited: int
    not_visited_in_period: int
    over_limit: int


class CoverageOut(BaseModel):
    """What inspections have covered."""

    school_year: str
    semester: int | None
    as_known_at: dt.datetime | None
    quotas: list[QuotaOut]
    counties: list[UnvisitedOut]


class SchoolCoverageOut(BaseModel):
    """A school and when it was visited."""

    school_code: str
    county_code: str
    name_zh: str
    is_rural: bool
    is_city_run: bool
    last_visited_on: dt.date | None
    visits_in_period: int


_PLANNED = tuple(PlannedSchoolOut.model_fields)


def plan_out(row: VisitPlan, draw: VisitDraw | None) -> VisitPlanOut:
    """A plan as its office sees it."""
    frame = None
    if row.frame_hash is not None:
        found = {"frame_hash": row.frame_hash, "schools": row.school_count}
        frame = FrameOut.model_validate(found | {"closed_at": row.frame_closed_at, "closed_by": row.frame_closed_by})
    kept = ("code", "school_year", "semester", "state", "design", "checklists", "version")
    return VisitPlanOut(
        **{name: getattr(row, name) for name in kept},
        organization=code_of(row.org_path),
        frame=frame,
        draw=VisitDrawOut.model_validate(draw, from_attributes=True) if draw is not None else None,
    )


def planned_out(row: PlannedSchool) -> PlannedSchoolOut:
    """A school of a plan as its office sees it."""
    return PlannedSchoolOut.model_validate({name: getattr(row, name) for name in _PLANNED})
