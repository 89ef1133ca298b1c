"""Visits as callers write and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from services.school_eval.inspectors.schemas import Account
from services.school_eval.visit_plans.schemas import ChecklistRef
from services.school_eval.visits.rules import LIFE, SHOWN, VisitKind, VisitState
from services.school_eval.visits.tables import Visit, VisitRater, VisitRating
from shared.kernel.web.fields import CountyCode, OwnCode, SchoolCode, Strict
from shared.kernel.web.organizations import code_of
from shared.kernel.web.validation import refused
from shared.kits.fields import Caption, Reason, Words

ItemKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*){2}$", max_length=190)]


class VisitIn(Strict):
    """A visit to be made; the first rater leads it."""

    plan: OwnCode | None = Field(default=None, description="视导计划；复查无计划 / null for a revisit")
    county_code: CountyCode
    school_code: SchoolCode
    planned_on: dt.date
    raters: list[Account] = Field(min_length=1, max_length=6)
    checklists: list[OwnCode] = Field(
        default=[],
        max_length=4,
        description="复查用；计划内视导以计划为准 / of revisits; planned visits take the plan's",
    )
    exceeds_limit_reason: Reason | None = Field(default=None, description="超出次数上限的理由 / why beyond the limit")

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if len(set(self.raters)) < len(self.raters):
            raise refused("visit.rater_twice")
        if (self.plan is None) != bool(self.checklists):
            raise refused("visit.checklists_of_revisits")
        return self


class RatingIn(Strict):
    """One rating from a phone; the same change sent again changes nothing."""

    change_id: uuid.UUID = Field(description="手机为每次更改生成 / made by the phone for every change")
    base_version: int = Field(ge=0, description="手机所见版本，首次为 0 / the version the phone has seen, first 0")
    client_at: AwareDatetime
    rating: int | None = Field(default=None, ge=0, le=100, description="空为暂存未评 / null: not rated yet")
    is_not_applicable: bool = False
    note: Caption | None = None


class KeyedRatingIn(RatingIn):
    """One of several ratings."""

    item: ItemKey


class RatingsIn(Strict):
    """What a phone gathered while it had no network."""

    items: list[KeyedRatingIn] = Field(min_length=1, max_length=300)


class RatingOut(BaseModel):
    """A rating as stored."""

    item: str
    rating: int | None
    is_not_applicable: bool
    note: str | None
    change_id: uuid.UUID
    client_at: dt.datetime
    received_at: dt.datetime
    version: int


class RatingOutcome(BaseModel):
    """What became of one rating that was sent."""

    item: str
    outcome: Literal["stored", "unchanged", "conflict", "refused"]
    problem: str | None = Field(description="问题代码 / code of the problem")
    stored: RatingOut | None = Field(description="服务器现有的评分 / what is stored now")


class RatingsOut(BaseModel):
    """One outcome for every rating sent."""

    items: list[RatingOutcome]


class RaterRatings(BaseModel):
    """All ratings of one rater."""

    account: str
    is_lead: bool
    submitted_at: dt.datetime | None
    ratings: list[RatingOut]


class VisitRatingsOut(BaseModel):
    """Ratings of a visit: until everybody has submitted, one's own only."""

    is_complete: bool
    hidden_raters: int
    raters: list[RaterRatings]


class SignIn(Strict):
    """The school has seen what was found; it need not agree."""

    outcome_sha256: str = Field(min_length=64, max_length=64, description="所见结果的指纹 / hash of what was seen")
    remarks: Words | None = Field(default=None, description="学校意见 / what the school has to say")


class VisitSummary(BaseModel):
    """A visit without what it found."""

    id: uuid.UUID
    organization: str
    office: str
    kind: VisitKind
    state: VisitState
    school_code: str
    county_code: str
    school_name_zh: str
    is_rural: bool
    is_double_rated: bool
    checklists: list[ChecklistRef]
    planned_on: dt.date
    school_year: str
    semester: int
    announced_at: dt.datetime | None
    started_on: dt.date | None
    rated_at: dt.datetime | None
    outcome_sha256: str | None
    sign_due_on: dt.date | None
    signed_at: dt.datetime | None
    remarks: str | None
    reason: str | None
    actions: list[str]
    version: int


class VisitOut(VisitSummary):
    """A visit with what it found, once every rater has submitted."""

    outcome: dict[str, Any] | None


class RaterOut(BaseModel):
    """Somebody sent on a visit, and how far they are."""

    account: str
    is_lead: bool
    has_submitted: bool
    recused_reason: str | None


class RatersOut(BaseModel):
    """Those sent on a visit."""

    items: list[RaterOut]


_KEPT = tuple(name for name in VisitSummary.model_fields if name not in ("organization", "office", "actions"))


def _summary(row: Visit) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in _KEPT}
    actions = list(LIFE.actions(VisitState(row.state)))
    return kept | {"organization": code_of(row.org_path), "office": code_of(row.office_path), "actions": actions}


def visit_summary(row: Visit) -> VisitSummary:
    """A visit in a list."""
    return VisitSummary(**_summary(row))


def visit_out(row: Visit) -> VisitOut:
    """A visit as callers see it."""
    return VisitOut(**_summary(row), outcome=row.outcome if row.state in SHOWN else None)


def rating_out(row: VisitRating) -> RatingOut:
    """A rating as its rater sees it."""
    names = (name for name in RatingOut.model_fields if name != "item")
    return RatingOut(item=row.item_key, **{name: getattr(row, name) for name in names})


def raters_out(rows: Sequence[VisitRater]) -> RatersOut:
    """Raters as their office sees them."""
    return RatersOut(
        items=[
            RaterOut(
                account=row.account,
                is_lead=row.is_lead,
                has_submitted=row.submitted_at is not None,
                recused_reason=row.recused_reason,
            )
            for row in rows
        ]
    )
