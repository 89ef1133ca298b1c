"""The mark sheets accepted from uploads."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped


class MarkSheet(Identified, OrgScoped, Base):
    """The sheet of one school in one exam; replaced, never edited."""

    __tablename__ = "mark_sheets"
    __table_args__ = (
        Index(
            "uq_mark_sheets_current",
            "exam_id",
            "school_code",
            unique=True,
            postgresql_where="superseded_at is null",
        ),
        Index("ix_mark_sheets_exam_id_org_path", "exam_id", "org_path"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    # The checked sheet in grid units, as a file of the columnar store.
    sha256: Mapped[str] = mapped_column(Text)
    row_count: Mapped[int]
    # Rows of pupils of the frozen roster; the others are candidates without a link to it.
    linked_count: Mapped[int] = mapped_column(default=0, server_default="0")
    accepted_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[dt.datetime | None]
    # The school's word that these are its figures; a new sheet has none.
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(Text)
