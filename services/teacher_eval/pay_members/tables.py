"""Who is in a pool for the period, with everything a plan can pay by."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.pay_pools.rules import PoolKind
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_KINDS = ",".join(f"'{kind}'" for kind in PoolKind)


class PayMember(Identified, Versioned, OrgScoped, Base):
    """A person in a school's pool; figures are exact text."""

    __tablename__ = "pay_members"
    __table_args__ = (
        UniqueConstraint("pool_id", "staff_key"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("staff_key ~ '^[a-z2-7]{26}$'", name="staff_key"),
        CheckConstraint("(exclusion is null) or (exclusion_reason is not null)", name="exclusion_reason"),
        CheckConstraint("entitlement_fen >= 0", name="entitlement"),
        Index("ix_pay_members_staff_key_kind", "staff_key", "kind"),
        Index("ix_pay_members_org_path", "org_path"),
    )

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pay_pools.id"))
    kind: Mapped[str] = mapped_column(Text)
    staff_key: Mapped[str] = mapped_column(Code)
    post: Mapped[str | None] = mapped_column(Code)
    title: Mapped[str | None] = mapped_column(Code)
    # Groups that tiers rank apart, as the school names them.
    group_code: Mapped[str | None] = mapped_column(Code)
    # {"2026-09": "1", "2026-10": "0.5"}: share of each month of the period that the person was here; a month left out is 0.
    months: Mapped[dict[str, Any]]
    exclusion: Mapped[str | None] = mapped_column(Text)
    exclusion_reason: Mapped[str | None] = mapped_column(Text)
    # {"total": "92.5"}, {"pupil_months": "450"}
    points: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    entitlement_fen: Mapped[int | None]
    # For comparing who gains: {"age_band", "stage", "urban_rural"}.
    attributes: Mapped[dict[str, Any]]
    # Where the figures are from: {"points": {"total": "evaluation:2026"}, "file": SHA-256}
    origins: Mapped[dict[str, Any]]
