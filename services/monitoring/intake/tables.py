"""Uploads as received, of any kind of sheet."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped


class Upload(Identified, OrgScoped, Base):
    """One file received for an exam: what it was, what came of it, and the signed receipt."""

    __tablename__ = "uploads"
    __table_args__ = (
        CheckConstraint("outcome in ('pending','accepted','partly_accepted','refused')", name="outcome"),
        Index("ix_uploads_exam_id_id", "exam_id", "id"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    # The subject of item sheets; null for mark sheets, which hold all subjects.
    subject: Mapped[str | None] = mapped_column(Code)
    # Null when the file is for all schools.
    school_code: Mapped[str | None] = mapped_column(Code)
    body_sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    format: Mapped[str] = mapped_column(Text)
    encoding: Mapped[str | None] = mapped_column(Text)
    dry_run: Mapped[bool] = mapped_column(Boolean)
    outcome: Mapped[str] = mapped_column(Text)
    # Outcome by school, and counts by fault code.
    report: Mapped[dict[str, Any]]
    # All faults, as a file of the columnar store.
    faults_sha256: Mapped[str | None] = mapped_column(Text)
    # Its cells, pupil numbers masked, for a copy with the faulty ones marked.
    copy_sha256: Mapped[str | None] = mapped_column(Text)
    receipt: Mapped[dict[str, Any]]
    job_id: Mapped[uuid.UUID | None]
    received_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    received_from: Mapped[str] = mapped_column(Text)
