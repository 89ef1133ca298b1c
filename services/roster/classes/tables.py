"""Classes of a school in a school year."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base, Sourced, source_rules
from shared.kernel.database.base import Code, OrgScoped, Versioned


class SchoolClass(Versioned, OrgScoped, Sourced, Base):
    """A homeroom class (行政班) or a scheduled class (教学班)."""

    __tablename__ = "classes"
    __table_args__ = (
        CheckConstraint("grade_level between 1 and 12", name="grade_level"),
        CheckConstraint("class_type in ('homeroom','scheduled')", name="class_type"),
        Index("ix_classes_org_path", "org_path"),
        Index("ix_classes_school_year_grade_level", "school_year", "grade_level"),
        *source_rules("classes"),
    )

    school_code: Mapped[str] = mapped_column(Code, ForeignKey("schools.school_code"), primary_key=True)
    school_year: Mapped[str] = mapped_column(Code, primary_key=True)
    class_code: Mapped[str] = mapped_column(Code, primary_key=True)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    class_type: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
