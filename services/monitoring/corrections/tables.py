"""Requests of schools to correct the marks they have sent."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.corrections.rules import OPEN, CorrectionState
from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped

_STATES = ",".join(f"'{state}'" for state in CorrectionState)
_OPEN = ",".join(f"'{state}'" for state in sorted(OPEN))


class Correction(Identified, OrgScoped, Base):
    """One request: what is to be corrected and why, what was decided, and what came of it."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("state <> 'accepted' or deadline_at is not null", name="accepted_has_deadline"),
        Index(
            "uq_corrections_open",
            "exam_id",
            "school_code",
            unique=True,
            postgresql_where=f"state in ({_OPEN})",
        ),
        Index("ix_corrections_exam_id_org_path", "exam_id", "org_path"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=CorrectionState.ASKED)
    what: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    # The sheet in force when it was asked for, and the one that closed it.
    sheet_sha256: Mapped[str | None] = mapped_column(Text)
    new_sheet_sha256: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[dt.datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(Text)
    deadline_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
