"""Runs of a plan over a pool, and scenarios that were saved."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.pay_runs.rules import CHOSEN, RunState
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in RunState)
_CHOSEN = ",".join(f"'{state}'" for state in sorted(CHOSEN))


class PayRun(Identified, Versioned, OrgScoped, Base):
    """A plan carried out on a pool; everything it depends on is frozen by hash and never changes, by a trigger."""

    __tablename__ = "pay_runs"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("paid_fen + kept_fen = amount_fen", name="whole"),
        UniqueConstraint("pool_id", "number"),
        Index("ix_pay_runs_org_path_id", "org_path", "id"),
        Index("uq_pay_runs_pool_id_chosen", "pool_id", unique=True, postgresql_where=f"state in ({_CHOSEN})"),
    )

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_pools.id"))
    pool_code: Mapped[str] = mapped_column(Code)
    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_plans.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Text, default=RunState.COMPUTED)
    amount_fen: Mapped[int]
    amount_number: Mapped[int]
    paid_fen: Mapped[int]
    # What the plan leaves unpaid on purpose.
    kept_fen: Mapped[int]
    people: Mapped[int]
    plan_sha256: Mapped[str] = mapped_column(Code)
    # Files of the columnar store: the people's figures, what each is paid, the certificate.
    inputs_sha256: Mapped[str] = mapped_column(Code)
    outcomes_sha256: Mapped[str] = mapped_column(Code)
    certificate_sha256: Mapped[str] = mapped_column(Code)
    # Money per item and part, and what the run left to people: {"parts": {...}, "comparison": {...}}.
    summary: Mapped[dict[str, Any]]
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    confirmed_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)
    published_at: Mapped[dt.datetime | None]
    paid_on: Mapped[dt.date | None]
    payment_reference: Mapped[str | None] = mapped_column(Text)


class PayScenario(Identified, Versioned, OrgScoped, Base):
    """Plans run side by side on a pool, kept to be looked at again; deleted when thrown away."""

    __tablename__ = "pay_scenarios"
    __table_args__ = (Index("ix_pay_scenarios_org_path_id", "org_path", "id"),)

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_pools.id"))
    pool_code: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Text)
    # What was compared and what came out, aggregates only.
    content: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(Text)
