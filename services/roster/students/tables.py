"""Students."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base, Sourced, source_rules
from shared.kernel.database.base import Code, OrgScoped, Versioned


class Student(Versioned, OrgScoped, Sourced, Base):
    """A pupil under a pseudonym of the pupil number; belongs to the school that keeps the pupil's record."""

    __tablename__ = "students"
    __table_args__ = (
        CheckConstraint("student_key ~ '^[a-z2-7]{26}$'", name="student_key"),
        Index("ix_students_org_path", "org_path"),
        Index("ix_students_school_code_student_key", "school_code", "student_key"),
        *source_rules("students"),
    )

    student_key: Mapped[str] = mapped_column(Code, primary_key=True)
    student_number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    student_number_masked: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    birth_date: Mapped[dt.date] = mapped_column(Date)
    sex: Mapped[str] = mapped_column(Code)
    ethnicity: Mapped[str | None] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code, ForeignKey("schools.school_code"))
