"""Pupils of the roster without a row, and rows without a pupil, each with the reason for it."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped


class Exclusion(Identified, OrgScoped, Base):
    """One pupil (by pseudonym) or one row (by candidate id) accounted for; withdrawn, never edited."""

    __tablename__ = "exclusions"
    __table_args__ = (
        CheckConstraint("(student_key is null) <> (candidate_id is null)", name="one_subject"),
        Index(
            "uq_exclusions_student_key",
            "exam_id",
            "student_key",
            unique=True,
            postgresql_where="withdrawn_at is null and student_key is not null",
        ),
        Index(
            "uq_exclusions_candidate_id",
            "exam_id",
            "school_code",
            "candidate_id",
            unique=True,
            postgresql_where="withdrawn_at is null and candidate_id is not null",
        ),
        Index("ix_exclusions_exam_id_org_path", "exam_id", "org_path"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    student_key: Mapped[str | None] = mapped_column(Code)
    candidate_id: Mapped[str | None] = mapped_column(Code)
    reason_code: Mapped[str] = mapped_column(Text)
    document_number: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(Text)
