"""Enrollments: which pupil is at which school and in which class, by school year."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base
from shared.kernel.database.base import Code, OrgScoped, Versioned


class Enrollment(Versioned, OrgScoped, Base):
    """One pupil's time at one school in one school year; a transfer closes one row and opens another."""

    __tablename__ = "enrollments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["school_code", "school_year", "class_code"],
            ["classes.school_code", "classes.school_year", "classes.class_code"],
        ),
        CheckConstraint("grade_level between 1 and 12", name="grade_level"),
        CheckConstraint(
            "status in ('enrolled','suspended','transferred_out','graduated','completed','left')", name="status"
        ),
        CheckConstraint("(status in ('enrolled','suspended')) = (left_on is null)", name="open"),
        CheckConstraint("left_on >= entered_on", name="dates"),
        Index("ix_enrollments_org_path", "org_path"),
        Index(
            "uq_enrollments_open",
            "student_key",
            "school_year",
            unique=True,
            postgresql_where="status in ('enrolled','suspended')",
        ),
        Index("ix_enrollments_class", "school_code", "school_year", "class_code"),
        Index("ix_enrollments_school_year_grade_level", "school_year", "grade_level", "school_code"),
    )

    student_key: Mapped[str] = mapped_column(
        Code, ForeignKey("students.student_key", onupdate="CASCADE"), primary_key=True
    )
    school_year: Mapped[str] = mapped_column(Code, primary_key=True)
    school_code: Mapped[str] = mapped_column(Code, ForeignKey("schools.school_code"), primary_key=True)
    class_code: Mapped[str | None] = mapped_column(Code)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(Text)
    entered_on: Mapped[dt.date] = mapped_column(Date)
    left_on: Mapped[dt.date | None] = mapped_column(Date)
