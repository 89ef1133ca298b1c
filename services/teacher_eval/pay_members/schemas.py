"""Bodies and answers of people in pools."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from services.teacher_eval.money import Fen, Money, Month, money
from services.teacher_eval.pay_members.rules import MonthRule, Stay, present, text
from services.teacher_eval.pay_members.tables import PayMember
from services.teacher_eval.pay_plans.document import Code, Key
from shared.kernel.web.fields import Reason, Strict
from shared.kernel.web.validation import refused
from shared.scoring.allocation.plan import Exclusion

Figure = Annotated[Decimal, Field(ge=0, le=10_000_000, max_digits=11, decimal_places=4)]
Figures = Annotated[dict[Key, Figure], Field(max_length=60)]
TimeShare = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4)]
GroupCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z\u4e00-\u9fff_-]{1,40}$")]


class StayIn(Strict):
    """When somebody was here; dates outside the period do not matter."""

    joined_on: dt.date | None = None
    left_on: dt.date | None = None
    leave_from: dt.date | None = Field(default=None, description="不计发的请假首日 / first day of unpaid leave")
    leave_to: dt.date | None = None
    time_share: TimeShare = Field(default=Decimal(1), description="工作量占全职比例 / of full time")
    month_rule: MonthRule = Field(
        default=MonthRule.DAYS,
        description="不足月：按天，或满半月计整月 / part of a month: by days, or whole from half on",
    )

    def stay(self) -> Stay:
        """The stay, without the rule."""
        return Stay(self.joined_on, self.left_on, self.leave_from, self.leave_to, self.time_share)


class MemberIn(Strict):
    """A person in a pool, with every figure."""

    post: Code | None = None
    title: Code | None = None
    group: GroupCode | None = None
    stay: StayIn | None = Field(default=None, description="默认全期在岗 / present in full by default")
    months: dict[Month, TimeShare] | None = Field(
        default=None, max_length=12, description="逐月在岗比例，代替 stay / share of each month instead of a stay"
    )
    exclusion: Exclusion | None = Field(default=None, description="不参与分配的情形 / why somebody stands outside")
    exclusion_reason: Reason | None = None
    points: Figures = Field(default_factory=dict)
    counts: Figures = Field(default_factory=dict)
    entitlement_fen: Fen | None = None
    stage: Code | None = None
    age_band: Code | None = None

    @model_validator(mode="after")
    def _sound(self) -> MemberIn:
        if (self.exclusion is None) != (self.exclusion_reason is None):
            raise refused("pay_member.reason_of_exclusion")
        if self.stay is not None and self.months is not None:
            raise refused("pay_member.stay_or_months")
        return self


class RemoveIn(Strict):
    """A person does not belong into the pool."""

    reason: Reason


class FromRosterIn(Strict):
    """Taking people from the roster: who is not there yet is added, others keep their figures."""

    only_staffing_categories: list[Code] | None = Field(
        default=None, max_length=20, description="只取这些编制类别 / only these staffing categories"
    )


class PointsIn(Strict):
    """Taking points from the annual evaluation."""

    key: Key = Field(default="total", description="写入的分数项 / name the points get")
    cycle: str = Field(min_length=1, max_length=60, description="评价周期 / the cycle of evaluation")


class MemberOut(BaseModel):
    """A person in a pool."""

    staff_key: str
    name: str | None
    post: str | None
    title: str | None
    group: str | None
    months: dict[str, str]
    months_present: str
    exclusion: Exclusion | None
    exclusion_reason: str | None
    points: dict[str, str]
    counts: dict[str, str]
    entitlement: Money | None
    attributes: dict[str, Any]
    origins: dict[str, Any]
    version: int


class PointsTakenOut(BaseModel):
    """What taking points changed."""

    key: str
    taken: int
    without: int


class TakenOut(BaseModel):
    """What a file changed, or would."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    sha256: str


Atomic = Literal["all", "row"]


def member_out(row: PayMember, name: str | None = None) -> MemberOut:
    """A person for an answer; the name as the register of staff knows it."""
    return MemberOut(
        staff_key=row.staff_key,
        name=name,
        post=row.post,
        title=row.title,
        group=row.group_code,
        months=row.months,
        months_present=text(present(row.months)),
        exclusion=None if row.exclusion is None else Exclusion(row.exclusion),
        exclusion_reason=row.exclusion_reason,
        points=row.points,
        counts=row.counts,
        entitlement=None if row.entitlement_fen is None else money(row.entitlement_fen),
        attributes=row.attributes,
        origins=row.origins,
        version=row.version,
    )
