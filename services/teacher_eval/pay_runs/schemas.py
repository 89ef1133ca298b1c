"""Bodies and answers of runs."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from pydantic import BaseModel, Field

from services.teacher_eval.money import Money, money
from services.teacher_eval.pay_runs.rules import LIFE, RunState
from services.teacher_eval.pay_runs.tables import PayRun, PayScenario
from shared.kernel.web.fields import Document, OwnCode, Reason, Strict
from shared.kernel.web.organizations import code_of


class RunIn(Strict):
    """A plan carried out on a pool."""

    pool: OwnCode
    plan: uuid.UUID = Field(description="已备案的方案 / a plan that was passed and filed")


class AllRunsIn(Strict):
    """Every school of a county's pool."""

    pool: OwnCode


class ReasonIn(Strict):
    """A step that somebody answers for."""

    reason: Reason


class PaymentIn(Strict):
    """The money went out."""

    paid_on: dt.date
    reference: Document = Field(title="发放凭证 / reference of the payment")


class SharedPart(BaseModel):
    """Money of a fixed item or part."""

    code: str
    name: str
    amount: Money


class RunOut(BaseModel):
    """A run, without anybody's amount."""

    id: uuid.UUID
    organization: str
    pool: str
    plan: uuid.UUID
    number: int
    state: RunState
    actions: list[str]
    amount: Money
    paid: Money
    kept: Money
    people: int
    parts: list[SharedPart]
    comparison: dict[str, Any]
    plan_sha256: str
    inputs_sha256: str
    outcomes_sha256: str
    certificate_sha256: str
    reason: str | None
    computed_at: dt.datetime
    confirmed_at: dt.datetime | None
    published_at: dt.datetime | None
    paid_on: dt.date | None
    payment_reference: str | None
    version: int


class PersonPay(BaseModel):
    """What one person is paid, by item and part; the name as the register of staff knows it."""

    staff_key: str
    name: str | None = None
    amount: Money
    parts: list[SharedPart]


class PeoplePage(BaseModel):
    """A page of people."""

    run: uuid.UUID
    items: list[PersonPay]
    next_cursor: str | None


class OwnPay(BaseModel):
    """A person's own payment, step by step."""

    run: uuid.UUID
    pool: str
    pool_amount: Money
    plan_name: str
    staff_key: str
    amount: Money
    parts: list[SharedPart]
    steps: list[dict[str, Any]]
    corrections: Money
    can_appeal_until: dt.datetime | None


class FormulaOut(BaseModel):
    """What everybody at the school may know: the pool, and how it is shared."""

    run: uuid.UUID
    pool: str
    amount: Money
    people: int
    plan_name: str
    plan_sha256: str
    document: dict[str, Any]
    parts: list[SharedPart]


class OwnPayment(BaseModel):
    """One of a person's payments."""

    run: uuid.UUID
    pool: str
    organization: str
    state: RunState
    published_at: dt.datetime | None
    paid_on: dt.date | None


class OwnPayments(BaseModel):
    """A person's payments, newest first."""

    items: list[OwnPayment]


class ScenarioOut(BaseModel):
    """Plans run side by side."""

    id: uuid.UUID | None
    pool: str
    name: str
    content: dict[str, Any]
    created_at: dt.datetime | None


def parts_out(summary: dict[str, Any]) -> list[SharedPart]:
    """Money per item and part of a run."""
    return [
        SharedPart(code=each["code"], name=each["name"], amount=money(each["fen"])) for each in summary.get("parts", [])
    ]


def run_out(row: PayRun, *, compares: bool = True) -> RunOut:
    """A run for an answer; what it changes against the baseline is for those who answer for it."""
    state = RunState(row.state)
    return RunOut(
        id=row.id,
        organization=code_of(row.org_path),
        pool=row.pool_code,
        plan=row.plan_id,
        number=row.number,
        state=state,
        actions=list(LIFE.actions(state)),
        amount=money(row.amount_fen),
        paid=money(row.paid_fen),
        kept=money(row.kept_fen),
        people=row.people,
        parts=parts_out(row.summary),
        comparison=row.summary.get("comparison", {}) if compares else {},
        plan_sha256=row.plan_sha256,
        inputs_sha256=row.inputs_sha256,
        outcomes_sha256=row.outcomes_sha256,
        certificate_sha256=row.certificate_sha256,
        reason=row.reason,
        computed_at=row.computed_at,
        confirmed_at=row.confirmed_at,
        published_at=row.published_at,
        paid_on=row.paid_on,
        payment_reference=row.payment_reference,
        version=row.version,
    )


def payment_out(row: PayRun) -> OwnPayment:
    """A run as one of a person's payments."""
    return OwnPayment(
        run=row.id,
        pool=row.pool_code,
        organization=code_of(row.org_path),
        state=RunState(row.state),
        published_at=row.published_at,
        paid_on=row.paid_on,
    )


def scenario_out(row: PayScenario) -> ScenarioOut:
    """A saved scenario for an answer."""
    return ScenarioOut(id=row.id, pool=row.pool_code, name=row.name, content=row.content, created_at=row.created_at)
