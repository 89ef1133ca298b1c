"""The item sheets accepted from uploads."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped


class ItemSheet(Identified, OrgScoped, Base):
    """The items of one school in one subject; replaced, never edited."""

    __tablename__ = "item_sheets"
    __table_args__ = (
        Index(
            "uq_item_sheets_current",
            "exam_id",
            "subject",
            "school_code",
            unique=True,
            postgresql_where="superseded_at is null",
        ),
        Index("ix_item_sheets_exam_id_org_path", "exam_id", "org_path"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    subject: Mapped[str] = mapped_column(Code)
    upload_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("uploads.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    # Marks in grid units and positions of options, as a file of the columnar store.
    sha256: Mapped[str] = mapped_column(Text)
    row_count: Mapped[int]
    # The mark sheet with which this one is known to agree; null when it has not been compared with any.
    agrees_with: Mapped[str | None] = mapped_column(Text)
    accepted_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[dt.datetime | None]
