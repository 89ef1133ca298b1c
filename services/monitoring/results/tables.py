"""Published result sets: versioned, immutable, withdrawn only by a newer version."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared


class ResultSet(Identified, OrgShared, Base):
    """One version of an exam's results; the row with the highest number is the one in force."""

    __tablename__ = "result_sets"
    __table_args__ = (
        CheckConstraint("state in ('published','withdrawn')", name="state"),
        CheckConstraint("(state = 'published') = (analysis_id is not null)", name="withdrawn_is_empty"),
        UniqueConstraint("exam_id", "major", "minor", "patch"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    major: Mapped[int]
    minor: Mapped[int]
    patch: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    analysis_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("analyses.id"))
    # Counts, checksums, methods, schema: what a reader needs to know that the copy is whole.
    manifest: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    @property
    def version(self) -> str:
        """``major.minor.patch``."""
        return f"{self.major}.{self.minor}.{self.patch}"


class ResultReconciliation(Identified, OrgScoped, Base):
    """Somebody's totals held against a version of ours: a record that both sides can cite, never changed."""

    __tablename__ = "result_reconciliations"
    __table_args__ = (Index("ix_result_reconciliations_result_set_id_id", "result_set_id", "id"),)

    result_set_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("result_sets.id"))
    table_name: Mapped[str] = mapped_column(Text)
    # Decimal places our figures were rounded to; null where they were compared exactly.
    digits: Mapped[int | None] = mapped_column(SmallInteger)
    # What was posted: its hash, and how many rows it had.
    body_sha256: Mapped[str] = mapped_column(Text)
    row_count: Mapped[int]
    # Figures by outcome.
    counts: Mapped[dict[str, Any]]
    # What differs, as a file of the columnar store.
    differences_sha256: Mapped[str] = mapped_column(Text)
    # Whose view was compared: it may hold what others do not see.
    posted_org: Mapped[str] = mapped_column(Code)
    posted_by: Mapped[str] = mapped_column(Text)
    posted_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
