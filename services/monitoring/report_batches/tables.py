"""Batches of printed reports: who asked, for what, and the archive while it is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Identified, OrgScoped


class ReportBatch(Identified, OrgScoped, Base):
    """One batch. Its archive holds what the one who asked may see, and is given to nobody else."""

    __tablename__ = "report_batches"
    __table_args__ = (
        CheckConstraint("(finished_at is null) = (sha256 is null)", name="finished_has_archive"),
        Index("ix_report_batches_expires_at", "expires_at"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    result_version: Mapped[str] = mapped_column(Text)
    subjects: Mapped[list[Any]]
    school_codes: Mapped[list[Any]]
    # Roles of the one who asked: the archive shows what they may see.
    roles: Mapped[list[Any]]
    job_id: Mapped[uuid.UUID | None]
    # Reports in the archive; schools and subjects without any row that is shown have none.
    report_count: Mapped[int | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime]
