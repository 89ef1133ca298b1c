"""What people said to the use of a pupil's data: added and never changed, by a trigger of the database."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped


class ConsentRecord(Identified, OrgScoped, Base):
    """A word of the pupil or of a guardian, and the very words it was an answer to."""

    __tablename__ = "consent_records"
    __table_args__ = (
        CheckConstraint("action in ('given','refused','withdrawn','acknowledged')", name="action"),
        CheckConstraint("side in ('pupil','guardian')", name="side"),
        Index("ix_consent_records_student_key_id", "student_key", "id"),
        Index("ix_consent_records_org_path", "org_path"),
    )

    student_key: Mapped[str] = mapped_column(Code)
    purpose: Mapped[str] = mapped_column(Code)
    action: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    person_key: Mapped[str] = mapped_column(Code)
    wording_version: Mapped[int]
    wording_sha256: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]
