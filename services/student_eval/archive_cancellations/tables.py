"""Cancellations of records of verified terms."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.archive_cancellations.rules import CancellationState
from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in CancellationState)


class RecordCancellation(Identified, Versioned, OrgScoped, Base):
    """That a record of a verified term is false: who says so, what the pupil says to it, and what another decided."""

    __tablename__ = "record_cancellations"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("decided_by <> proposed_by or state <> 'confirmed'", name="two_persons"),
        Index(
            "uq_record_cancellations_proposed", "record_id", unique=True, postgresql_where=text("state = 'proposed'")
        ),
        Index("ix_record_cancellations_org_path_id", "org_path", "id"),
        Index("ix_record_cancellations_student_key", "student_key"),
    )

    student_key: Mapped[str] = mapped_column(Code)
    record_id: Mapped[uuid.UUID]
    term: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(Text)
    proposed_org: Mapped[str] = mapped_column(Code)
    proposed_at: Mapped[dt.datetime]
    # Until when the pupil may say something to it.
    statement_until: Mapped[dt.datetime]
    statement: Mapped[str | None] = mapped_column(Text)
    # By the pupil or by a guardian.
    stated_as: Mapped[str | None] = mapped_column(Text)
    stated_at: Mapped[dt.datetime | None]
    decision: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[dt.datetime | None]
