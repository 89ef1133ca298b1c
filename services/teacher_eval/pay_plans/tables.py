"""Plans in versions, and every step of their life."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.pay_plans.rules import PlanState
from services.teacher_eval.pay_pools.rules import PoolKind
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_KINDS = ",".join(f"'{kind}'" for kind in PoolKind)
_STATES = ",".join(f"'{state}'" for state in PlanState)


class PayPlan(Identified, Versioned, OrgScoped, Base):
    """A version of a school's plan for pools of a kind; its document never changes once checked, by a trigger."""

    __tablename__ = "pay_plans"
    __table_args__ = (
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        UniqueConstraint("org_path", "kind", "number"),
        Index(
            "uq_pay_plans_org_path_kind_in_use",
            "org_path",
            "kind",
            unique=True,
            postgresql_where="state = 'in_use'",
        ),
    )

    kind: Mapped[str] = mapped_column(Text)
    # Counts up with every version of the school's plans of the kind.
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=PlanState.DRAFTED)
    # What the law told at the check, without being a refusal: [{"code", "item", "rule", ...}].
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    # {"held_on", "entitled", "present", "in_favor", "minutes"}
    congress: Mapped[dict[str, Any] | None]
    # {"receipt", "note"}
    filing: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(Text)


class PayPlanStep(Identified, OrgScoped, Base):
    """A step of a plan's life; never changed, by a trigger."""

    __tablename__ = "pay_plan_steps"
    __table_args__ = (Index("ix_pay_plan_steps_plan_id_at", "plan_id", "at"),)

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_plans.id"))
    action: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    details: Mapped[dict[str, Any]]
    by_account: Mapped[str] = mapped_column(Text)
    by_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
