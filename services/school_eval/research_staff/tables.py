"""Teaching research staff (教研员) and the lessons they heard."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class ResearchStaff(Identified, Versioned, OrgScoped, Base):
    """A post of teaching research at an office; who holds it is known by the roster's staff code alone."""

    __tablename__ = "research_staff"
    __table_args__ = (UniqueConstraint("org_path", "staff_code"),)

    staff_code: Mapped[str] = mapped_column(Code)
    # The account its holder signs in with; may write in the log of this post and no other.
    account: Mapped[str | None] = mapped_column(Text)
    subjects: Mapped[list[Any]]
    stages: Mapped[list[Any]]
    is_full_time: Mapped[bool]
    linked_schools: Mapped[list[Any]]
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]


class HeardLesson(Identified, Versioned, OrgScoped, Base):
    """A lesson that was heard and talked over."""

    __tablename__ = "heard_lessons"
    __table_args__ = (
        UniqueConstraint("research_staff_id", "code"),
        CheckConstraint("grade_level between 1 and 12", name="grade_level"),
        CheckConstraint("period between 1 and 12", name="period"),
        # Nobody hears two lessons at a time.
        UniqueConstraint("research_staff_id", "heard_on", "period"),
        Index("ix_heard_lessons_org_path_heard_on", "org_path", "heard_on"),
    )

    research_staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("research_staff.id"))
    code: Mapped[str] = mapped_column(Code)
    heard_on: Mapped[dt.date]
    period: Mapped[int] = mapped_column(SmallInteger)
    school_code: Mapped[str] = mapped_column(Code)
    subject: Mapped[str] = mapped_column(Code)
    grade_level: Mapped[int] = mapped_column(SmallInteger)
    topic: Mapped[str] = mapped_column(Text)
    links: Mapped[list[Any]]
    advice: Mapped[str] = mapped_column(Text)
