"""Data that are past their time, and orders to keep what would be."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, Date, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned


class RetentionItem(Identified, Versioned, OrgScoped, Base):
    """Something past its time: listed by the sweep, decided on by a person. What was erased is told by its hash."""

    __tablename__ = "retention_items"
    __table_args__ = (
        UniqueConstraint("kind", "object_id"),
        CheckConstraint("state in ('listed','kept','carried_out')", name="state"),
        CheckConstraint("(state = 'kept') = (kept_until is not null)", name="kept_until"),
        CheckConstraint("(state = 'listed') = (decided_at is null)", name="decided"),
        Index("ix_retention_items_org_path_id", "org_path", "id"),
        Index("ix_retention_items_student_key", "student_key"),
    )

    kind: Mapped[str] = mapped_column(Code)
    object_id: Mapped[uuid.UUID]
    # Whose it is; nobody's alone where it is of many.
    student_key: Mapped[str | None] = mapped_column(Code)
    sha256: Mapped[str | None] = mapped_column(Code)
    due_on: Mapped[dt.date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    kept_until: Mapped[dt.date | None] = mapped_column(Date)
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_org: Mapped[str | None] = mapped_column(Code)
    decided_at: Mapped[dt.datetime | None]


class LegalHold(Identified, Versioned, OrgShared, Base):
    """An order that nothing of a pupil, or of an organization, be erased; schools see those set above them."""

    __tablename__ = "legal_holds"
    __table_args__ = (
        CheckConstraint("(released_at is null) = (released_reason is null)", name="released_with_reason"),
        Index("ix_legal_holds_org_path_id", "org_path", "id"),
    )

    student_key: Mapped[str | None] = mapped_column(Code, index=True)
    reason: Mapped[str] = mapped_column(Text)
    document: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    released_at: Mapped[dt.datetime | None]
    released_by: Mapped[str | None] = mapped_column(Text)
    released_reason: Mapped[str | None] = mapped_column(Text)
