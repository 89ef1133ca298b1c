"""Campaigns as callers write and read them."""

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.school_eval.campaigns.rules import (
    LEAST_PUBLICITY_DAYS,
    LIFE,
    CampaignState,
    VerificationMode,
    knows_draw,
)
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.permissions import CAMPAIGN_STEPS, PERMISSIONS
from shared.kernel.web.fields import CountyCode, Name, OwnCode, Reason, SchoolCode, SchoolYear, Strict
from shared.terms.actor import Actor

#: Seeds are told to everybody who wants to follow a draw.
Seed = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.,-]{6,100}$")]


class NameIn(Strict):
    """A name in Chinese and English."""

    zh: Name
    en: Name


class ScopeIn(Strict):
    """Which schools are evaluated: every condition given must hold; none given means every open school."""

    counties: list[CountyCode] | None = Field(default=None, min_length=1, max_length=200)
    schools: list[SchoolCode] | None = Field(default=None, min_length=1, max_length=10_000)
    stages: list[str] | None = Field(default=None, min_length=1, max_length=10, examples=[["primary", "junior"]])
    attributes: dict[str, list[str]] = Field(default_factory=dict, max_length=10, examples=[{"ownership": ["public"]}])


class CalendarIn(Strict):
    """Last days of the windows, and how long results are shown."""

    data_checking_ends_on: dt.date
    self_evaluation_ends_on: dt.date
    county_review_ends_on: dt.date
    city_verification_ends_on: dt.date
    publicity_working_days: int = Field(default=LEAST_PUBLICITY_DAYS, ge=LEAST_PUBLICITY_DAYS, le=30)

    @model_validator(mode="after")
    def _is_in_order(self) -> "CalendarIn":
        days = [
            self.data_checking_ends_on,
            self.self_evaluation_ends_on,
            self.county_review_ends_on,
            self.city_verification_ends_on,
        ]
        if days != sorted(set(days)):
            raise ValueError("each window ends after the one before it")
        return self


class VerificationIn(Strict):
    """Whose figures the city looks at itself."""

    mode: VerificationMode = VerificationMode.SAMPLED
    share: float = Field(default=0.3, gt=0, le=1, description="每县抽取比例 / share of each county's schools")
    least: int = Field(default=1, ge=1, le=1_000, description="每县至少几所 / schools of each county at the least")


class CampaignIn(Strict):
    """Everything a campaign's results depend on."""

    name: NameIn
    school_year: SchoolYear
    scheme: OwnCode
    scheme_version: int = Field(ge=1)
    as_of: dt.date = Field(description="评价标准适用日 / the day whose weights and rules count")
    scope: ScopeIn = Field(default_factory=ScopeIn)
    calendar: CalendarIn
    verification: VerificationIn = Field(default_factory=VerificationIn)
    is_evidence_required: bool = Field(
        default=True, description="查阅资料类指标须附佐证 / what is judged by documents needs a file"
    )
    names_in_notice: bool = Field(
        default=False,
        description="公示是否列出各校名称与等级 / whether the notice lists schools with their grades",
    )
    least_group: int = Field(
        default=5, ge=3, le=100, description="分组比较的最小学校数 / least schools of a group compared"
    )


class DrawIn(Strict):
    """The seed of the draw, settled after the schools were frozen."""

    seed: Seed
    source: Reason = Field(description="种子来源，如公开摇号记录 / where the seed is from, e.g. a public draw")


class StepIn(Strict):
    """A step; where somebody is missing it needs a reason."""

    accept_reason: Reason | None = None


class ReasonIn(Strict):
    """A step that needs a reason."""

    reason: Reason


class ExtensionIn(Strict):
    """The window of the present state ends later."""

    ends_on: dt.date
    reason: Reason


class CampaignOut(BaseModel):
    """A campaign."""

    code: str
    state: CampaignState
    state_reason: str | None
    window_ends_at: dt.datetime | None
    actions: list[str]
    definition: dict[str, Any]
    units_sha256: str | None
    prefill: dict[str, Any] | None
    draw: dict[str, Any] | None
    accepted: list[Any]
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class MissingOut(BaseModel):
    """Schools that hold up a step, within the caller's organization."""

    what: str
    count: int
    schools: list[str]


class GateOut(BaseModel):
    """Whether the next step of a campaign is free."""

    state: CampaignState
    step: str | None
    is_open: bool
    missing: list[MissingOut]


class BurdenOut(BaseModel):
    """How many figures schools enter by hand, and how many they are spared."""

    schools: int
    asked_least: int
    asked_median: float
    asked_most: int
    asked_total: int
    leaf_count: int
    entered_leaves: int
    computed_leaves: int
    judged_elsewhere_leaves: int


def campaign_out(row: Campaign, actor: Actor) -> CampaignOut:
    """A campaign as a caller sees it: the steps that the caller may take, and the draw once it matters."""
    state = CampaignState(row.state)
    return CampaignOut(
        code=row.code,
        state=state,
        state_reason=row.state_reason,
        window_ends_at=row.window_ends_at,
        actions=[step for step in LIFE.actions(state) if PERMISSIONS.grants[CAMPAIGN_STEPS[step]].allows(actor)],
        definition=row.definition,
        units_sha256=row.units_sha256,
        prefill=row.prefill,
        draw=row.draw if knows_draw(state, is_leading=actor.covers(row.org_path)) else None,
        accepted=row.accepted if actor.covers(row.org_path) else [],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
