"""Staff."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base, Sourced, source_rules
from shared.kernel.database.base import Code, OrgScoped, Versioned


class StaffMember(Versioned, OrgScoped, Sourced, Base):
    """A teacher or other employee under a pseudonym of the citizen number."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint("staff_key ~ '^[a-z2-7]{26}$'", name="staff_key"),
        CheckConstraint("status in ('active','left')", name="status"),
        Index("ix_staff_org_path", "org_path"),
        Index("ix_staff_school_code_staff_key", "school_code", "staff_key"),
        *source_rules("staff"),
    )

    staff_key: Mapped[str] = mapped_column(Code, primary_key=True)
    citizen_number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    citizen_number_masked: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sex: Mapped[str] = mapped_column(Code)
    # Out of the citizen number: age bands need no more.
    birth_year: Mapped[int | None] = mapped_column(SmallInteger)
    school_code: Mapped[str] = mapped_column(Code, ForeignKey("schools.school_code"))
    status: Mapped[str] = mapped_column(Text)
    staffing_category: Mapped[str | None] = mapped_column(Code)
    post: Mapped[str | None] = mapped_column(Code)
    professional_title: Mapped[str | None] = mapped_column(Code)
    education_level: Mapped[str | None] = mapped_column(Code)
