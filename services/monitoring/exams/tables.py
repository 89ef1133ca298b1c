"""Exams, the schools that take part, and the roster as it stood when collection opened."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from services.monitoring.exams.rules import ExamState
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_STATES = ",".join(f"'{state}'" for state in ExamState)


class Exam(Identified, Versioned, OrgShared, Base):
    """One exam or sample monitoring; everything figures depend on stands in ``definition``."""

    __tablename__ = "exams"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("grade_level between 1 and 12", name="grade_level"),
        Index("ix_exams_org_path_code", "org_path", "code"),
    )

    code: Mapped[str] = mapped_column(Code, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    school_year: Mapped[str] = mapped_column(Text)
    held_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(Text, default=ExamState.DRAFT)
    definition: Mapped[dict[str, Any]]
    # The roster as frozen at opening: SHA-256 of the file in the columnar store.
    roster_sha256: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)
    state_reason: Mapped[str | None] = mapped_column(Text)
    # Until when schools confirm their figures; set when collection is closed for checking.
    checking_ends_at: Mapped[dt.datetime | None]
    # Why the exam was sealed although something was missing.
    accepted_reason: Mapped[str | None] = mapped_column(Text)


class Participant(OrgScoped, Base):
    """A school that takes part in an exam, with the number of pupils the frozen roster expects of it."""

    __tablename__ = "exam_participants"
    __table_args__ = (Index("ix_exam_participants_exam_id_org_path", "exam_id", "org_path"),)

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id", ondelete="CASCADE"), primary_key=True)
    school_code: Mapped[str] = mapped_column(Code, primary_key=True)
    county_code: Mapped[str] = mapped_column(Code)
    name_zh: Mapped[str] = mapped_column(Text)
    enrolled_count: Mapped[int]
    # Pupils at the start of the grade, who came and who went until the exam, and whom that leaves.
    at_start_count: Mapped[int] = mapped_column(default=0, server_default="0")
    transferred_in_count: Mapped[int] = mapped_column(default=0, server_default="0")
    transferred_out_count: Mapped[int] = mapped_column(default=0, server_default="0")
    expected_count: Mapped[int] = mapped_column(default=0, server_default="0")
    # The last upload, if it was refused: the school has something to mend.
    refused_upload_id: Mapped[uuid.UUID | None]
    # Until when the school alone may send its sheet again while the others check.
    resend_until: Mapped[dt.datetime | None]
