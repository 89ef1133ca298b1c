"""Records of what teachers did, and every state they were ever in."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.teacher_records.rules import RecordState
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

#: Written out, so that the database sees that its index answers it.
FLAGGED = text("flags <> '[]'::jsonb")
_STATES = ",".join(f"'{state}'" for state in RecordState)


class TeacherRecord(Identified, Versioned, OrgScoped, Base):
    """One record as it stands; it stays with the school it was made at, whoever moves."""

    __tablename__ = "teacher_records"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("ends_on is null or ends_on >= happened_on", name="period"),
        CheckConstraint("author_rank between 1 and author_count", name="author_rank"),
        UniqueConstraint(
            "org_path", "source_system", "source_id", name="uq_teacher_records_org_path_source_system_source_id"
        ),
        Index("ix_teacher_records_org_path_id", "org_path", "id"),
        Index("ix_teacher_records_staff_key_happened_on", "staff_key", "happened_on"),
        Index("ix_teacher_records_achievement", "achievement"),
        Index("ix_teacher_records_kind_happened_on", "kind", "happened_on"),
        # Few have flags, and those who certify ask for just them.
        Index("ix_teacher_records_flagged", "org_path", "id", postgresql_where=FLAGGED),
    )

    staff_key: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text)
    happened_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    category: Mapped[str | None] = mapped_column(Code)
    amount: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    level: Mapped[str | None] = mapped_column(Code)
    grade: Mapped[str | None] = mapped_column(Code)
    title: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    author_rank: Mapped[int | None] = mapped_column(SmallInteger)
    author_count: Mapped[int | None] = mapped_column(SmallInteger)
    fields: Mapped[dict[str, Any]]
    # The same for all co-authors: kind, title, issuer and year.
    achievement: Mapped[str | None] = mapped_column(Code)
    # The same for one thing of one person at whatever level it was honored: kind, title and year.
    work: Mapped[str | None] = mapped_column(Code)
    # What looks doubled or impossible: kind, score, whether elsewhere; never who.
    flags: Mapped[list[Any]]
    source: Mapped[str] = mapped_column(Text)
    source_system: Mapped[str | None] = mapped_column(Code)
    source_id: Mapped[str | None] = mapped_column(Code)
    entered_by: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[dt.datetime | None]
    certified_at: Mapped[dt.datetime | None]
    certified_by: Mapped[str | None] = mapped_column(Text)


class RecordVersion(Identified, OrgScoped, Base):
    """A record as it stood after a step; never changed itself, by a trigger of the database."""

    __tablename__ = "teacher_record_versions"
    __table_args__ = (UniqueConstraint("record_id", "number"),)

    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teacher_records.id"))
    number: Mapped[int]
    action: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(Text)
    by_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]
