"""Early warnings and what was said about them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from services.monitoring.warnings.rules import Outcome, WarningState
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in WarningState)
_OUTCOMES = ",".join(f"'{outcome}'" for outcome in Outcome)


class EarlyWarning(Identified, Versioned, OrgScoped, Base):
    """One finding of one rule in one exam about one school; it belongs to the school and is seen by those above it."""

    __tablename__ = "warnings"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint(f"outcome in ({_OUTCOMES})", name="outcome"),
        CheckConstraint("(state = 'closed') = (outcome is not null)", name="closed_has_outcome"),
        CheckConstraint("owner_level in ('city','county','school')", name="owner_level"),
        UniqueConstraint("exam_id", "rule_code", "school_code", "subject", "detail"),
        Index("ix_warnings_org_path_id", "org_path", "id"),
        Index(
            "ix_warnings_due", "due_on", postgresql_where="state in ('raised','acknowledged','returned','escalated')"
        ),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    exam_code: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Text)
    rule_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    school_name_zh: Mapped[str] = mapped_column(Text)
    # Empty where the school as a whole is meant, so that a finding is the same finding to the unique constraint.
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=WarningState.RAISED)
    state_reason: Mapped[str | None] = mapped_column(Text)
    owner_level: Mapped[str] = mapped_column(Text)
    due_on: Mapped[dt.date]
    evidence: Mapped[dict[str, Any]]
    outcome: Mapped[str | None] = mapped_column(Text)
    raised_at: Mapped[dt.datetime]
    acknowledged_at: Mapped[dt.datetime | None]
    # The first answer; who gave the last one decides who reviews it.
    responded_at: Mapped[dt.datetime | None]
    responded_by: Mapped[str | None] = mapped_column(Text)
    responded_level: Mapped[str | None] = mapped_column(Text)
    escalated_at: Mapped[dt.datetime | None]
    closed_at: Mapped[dt.datetime | None]


class WarningMessage(Identified, OrgScoped, Base):
    """One entry of a warning's thread; never changed, by a trigger of the database."""

    __tablename__ = "warning_messages"
    __table_args__ = (Index("ix_warning_messages_warning_id_id", "warning_id", "id"),)

    warning_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("warnings.id"))
    # The step it goes with, or ``comment``.
    kind: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    # Organization of the author; empty for the platform itself.
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
