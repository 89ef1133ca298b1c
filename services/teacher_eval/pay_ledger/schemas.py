"""Bodies and answers of the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field, model_validator

from services.teacher_eval.money import MOST_FEN, Money, money
from services.teacher_eval.pay_ledger.tables import PayEntry
from services.teacher_eval.pay_members.schemas import Figures
from shared.kernel.web.fields import Reason, Strict
from shared.kernel.web.validation import refused
from shared.scoring.allocation.ledger import Account, CounterAccount


class EffectIn(Strict):
    """What a ruling orders: an amount, or the figures with which the payment would have been right."""

    amount_fen: int | None = Field(
        default=None, ge=-MOST_FEN, le=MOST_FEN, description="补发（负为扣回），单位：分 / fen; less than 0 takes back"
    )
    points: Figures = Field(default_factory=dict, description="更正后的分数 / points as they should have been")
    counts: Figures = Field(default_factory=dict)
    months_present: Annotated[Decimal, Field(ge=0, le=12, max_digits=6, decimal_places=4)] | None = None
    against: CounterAccount | None = Field(default=None, description="对方科目，默认按方案 / the plan's by default")

    @model_validator(mode="after")
    def _one(self) -> EffectIn:
        by_figures = bool(self.points or self.counts or self.months_present is not None)
        if (self.amount_fen is not None) == by_figures:
            raise refused("pay_ledger.amount_or_figures")
        return self


class CorrectionIn(Strict):
    """A correction without an appeal: a mistake that the school found itself."""

    staff_key: str = Field(pattern=r"^[a-z2-7]{26}$")
    effect: EffectIn
    reason: Reason


class EntryOut(BaseModel):
    """An entry."""

    id: uuid.UUID
    booking: uuid.UUID
    kind: str
    account: Account
    staff_key: str | None
    amount: Money
    run: uuid.UUID
    appeal: uuid.UUID | None
    reason: str
    booked_at: dt.datetime


class BookingOut(BaseModel):
    """What a correction booked: entries add up to 0."""

    booking: uuid.UUID
    staff_key: str
    amount: Money
    entries: int


class BalanceOut(BaseModel):
    """What a person is owed; less than 0: owes."""

    staff_key: str
    balance: Money


class BalancesOut(BaseModel):
    """Balances of a school's ledger of a kind."""

    kind: str
    items: list[BalanceOut]
    accounts: dict[str, Money]
    total: Money


class OwnEntriesOut(BaseModel):
    """A person's own entries and what is open."""

    balance: Money
    items: list[EntryOut]


def entry_out(row: PayEntry) -> EntryOut:
    """An entry for an answer."""
    return EntryOut(
        id=row.id,
        booking=row.booking_id,
        kind=row.kind,
        account=Account(row.account),
        staff_key=row.staff_key,
        amount=money(row.amount_fen),
        run=row.run_id,
        appeal=row.appeal_id,
        reason=row.reason,
        booked_at=row.booked_at,
    )
