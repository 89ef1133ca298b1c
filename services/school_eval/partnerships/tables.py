"""Partnerships with schools and institutions elsewhere, and what was done in them."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from services.school_eval.partnerships.rules import ActivityKind, PartnershipKind
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_KINDS = ",".join(f"'{kind}'" for kind in PartnershipKind)
_ACTIVITIES = ",".join(f"'{kind}'" for kind in ActivityKind)


class Partnership(Identified, Versioned, OrgScoped, Base):
    """An agreement of an office or a school with a partner; it belongs to whoever keeps it."""

    __tablename__ = "partnerships"
    __table_args__ = (
        UniqueConstraint("org_path", "code"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="period"),
    )

    code: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text)
    partner_name: Mapped[str] = mapped_column(Text)
    partner_region: Mapped[str | None] = mapped_column(Text)
    school_codes: Mapped[list[Any]]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    aims: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)


class PartnershipActivity(Identified, Versioned, OrgScoped, Base):
    """Something that was done in a partnership, trainings among it."""

    __tablename__ = "partnership_activities"
    __table_args__ = (
        UniqueConstraint("partnership_id", "code"),
        CheckConstraint(f"kind in ({_ACTIVITIES})", name="kind"),
        CheckConstraint("participant_count >= 0 and hours >= 0", name="amounts"),
        Index("ix_partnership_activities_org_path_held_on", "org_path", "held_on"),
    )

    partnership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("partnerships.id"))
    code: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text)
    held_on: Mapped[dt.date]
    title: Mapped[str] = mapped_column(Text)
    participant_count: Mapped[int]
    hours: Mapped[Decimal] = mapped_column(Numeric)
    outcome: Mapped[str] = mapped_column(Text)
