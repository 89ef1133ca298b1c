"""What pupils and their teachers write down during a term: process records and milestones; nothing of it counts points."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from services.student_eval.development_records.rules import ProcessRecordKind, Writer
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_KINDS = ",".join(f"'{kind}'" for kind in ProcessRecordKind)
_WRITERS = ",".join(f"'{writer}'" for writer in Writer)


class ProcessRecord(Identified, Versioned, OrgScoped, Base):
    """Something a pupil did, under an indicator of the term's scheme; withdrawn with a reason, never deleted."""

    __tablename__ = "process_records"
    __table_args__ = (
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint(f"writer in ({_WRITERS})", name="writer"),
        Index("ix_process_records_term_id", "term_id", "student_key", "happened_on", "id"),
    )

    term_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("development_terms.id"))
    student_key: Mapped[str] = mapped_column(Code, index=True)
    kind: Mapped[str] = mapped_column(Text)
    # The indicator or checkpoint it belongs to, and the indicator alone.
    node: Mapped[str] = mapped_column(Code)
    indicator: Mapped[str] = mapped_column(Code)
    happened_on: Mapped[dt.date]
    text: Mapped[str] = mapped_column(Text)
    writer: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)
