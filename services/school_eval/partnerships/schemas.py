"""Partnerships as callers write and read them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from services.school_eval.partnerships.rules import ActivityKind, PartnershipKind
from services.school_eval.partnerships.tables import Partnership, PartnershipActivity
from shared.kernel.web.fields import Document, Name, SchoolCode, Strict, Words
from shared.kernel.web.organizations import code_of


class PartnershipIn(Strict):
    """A partnership."""

    kind: PartnershipKind
    partner_name: Name
    partner_region: Name | None = None
    school_codes: list[SchoolCode] = Field(max_length=500, description="受益学校 / schools it serves")
    starts_on: dt.date
    ends_on: dt.date | None = None
    aims: Words
    document: Document | None = None

    @model_validator(mode="after")
    def _period(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("结束日期早于开始日期 / it ends before it starts")
        return self


class PartnershipOut(PartnershipIn):
    """A partnership as kept."""

    code: str
    organization: str
    version: int


class ActivityIn(Strict):
    """Something that was done: no names of persons, numbers only."""

    kind: ActivityKind
    held_on: dt.date
    title: Name
    participant_count: Annotated[int, Field(ge=0, le=100_000)]
    hours: Annotated[Decimal, Field(ge=0, le=10_000, max_digits=7, decimal_places=1)]
    outcome: Words


class ActivityOut(ActivityIn):
    """An activity as kept."""

    partnership: str
    code: str
    organization: str
    version: int


class ActivityTotals(BaseModel):
    """Activities of one kind within the caller's organization."""

    kind: ActivityKind
    count: int
    participant_count: int
    person_hours: str


class TotalsOut(BaseModel):
    """Partnerships and activities of a period."""

    first: dt.date
    last: dt.date
    partnerships: dict[PartnershipKind, int]
    activities: list[ActivityTotals]


def partnership_out(row: Partnership) -> PartnershipOut:
    """A partnership as callers see it."""
    kept = {name: getattr(row, name) for name in PartnershipIn.model_fields}
    return PartnershipOut(**kept, code=row.code, organization=code_of(row.org_path), version=row.version)


def activity_out(row: PartnershipActivity, partnership: Partnership) -> ActivityOut:
    """An activity as callers see it."""
    kept = {name: getattr(row, name) for name in ActivityIn.model_fields}
    return ActivityOut(
        **kept,
        partnership=partnership.code,
        code=row.code,
        organization=code_of(row.org_path),
        version=row.version,
    )
