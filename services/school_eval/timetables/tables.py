"""Weekly timetables of a school's classes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class SchoolTimetable(Identified, Versioned, OrgScoped, Base):
    """The weeks of all classes of one school in one semester, as last sent."""

    __tablename__ = "school_timetables"
    __table_args__ = (
        UniqueConstraint("school_code", "school_year", "semester"),
        CheckConstraint("semester in (1, 2)", name="semester"),
        Index("ix_school_timetables_org_path_id", "org_path", "id"),
    )

    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Code)
    semester: Mapped[int] = mapped_column(SmallInteger)
    # [{"class_code", "grade_level", "lessons": {subject: text}, "sport_minutes": [..]}]
    weeks: Mapped[list[Any]]
    class_count: Mapped[int]
    # Per rule: classes judged by it, and those that keep it.
    compliance: Mapped[dict[str, Any]]
