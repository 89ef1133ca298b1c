"""Bodies and answers of plans."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, Field

from services.teacher_eval.pay_plans.rules import LIFE, PlanState
from services.teacher_eval.pay_plans.tables import PayPlan, PayPlanStep
from services.teacher_eval.pay_pools.rules import PoolKind
from shared.kernel.web.fields import Document, Reason, Strict
from shared.kernel.web.organizations import code_of

#: Who takes a step; the simulation and the use of a plan follow from its runs.
BY_HAND = ("check", "pass", "file", "drop")


class CongressIn(Strict):
    """A vote of the congress of staff."""

    held_on: dt.date = Field(description="表决日期 / day of the vote")
    entitled: int = Field(ge=1, le=100_000, description="应到人数 / all who may vote")
    present: int = Field(ge=0, le=100_000, description="实到人数 / present")
    in_favor: int = Field(ge=0, le=100_000, description="赞成票 / votes for it")
    note: Reason | None = None


class FilingIn(Strict):
    """The county's receipt."""

    receipt: Document = Field(title="备案号 / receipt")
    note: Reason | None = None


class PlanOut(BaseModel):
    """A version of a plan."""

    id: uuid.UUID
    organization: str
    kind: PoolKind
    number: int
    name: str
    state: PlanState
    sha256: str
    actions: list[str]
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


class StepOut(BaseModel):
    """A step of a plan's life."""

    action: str
    state: PlanState
    note: str | None
    details: dict[str, Any]
    by_org: str
    at: dt.datetime


class PlanDetail(PlanOut):
    """A version of a plan with its document, votes, receipt and steps."""

    document: dict[str, Any]
    remarks: list[Any]
    congress: dict[str, Any] | None
    filing: dict[str, Any] | None
    steps: list[StepOut]


def plan_out(row: PayPlan) -> PlanOut:
    """A plan in a list."""
    state = PlanState(row.state)
    return PlanOut(
        id=row.id,
        organization=code_of(row.org_path),
        kind=PoolKind(row.kind),
        number=row.number,
        name=row.name,
        state=state,
        sha256=row.sha256,
        actions=[step for step in LIFE.actions(state) if step in BY_HAND],
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def plan_detail(row: PayPlan, steps: list[PayPlanStep]) -> PlanDetail:
    """A plan with everything about it."""
    return PlanDetail(
        **plan_out(row).model_dump(),
        document=row.document,
        remarks=row.remarks,
        congress=row.congress,
        filing=row.filing,
        steps=[
            StepOut(
                action=step.action,
                state=PlanState(step.state),
                note=step.note,
                details=step.details,
                by_org=step.by_org,
                at=step.at,
            )
            for step in steps
        ],
    )
