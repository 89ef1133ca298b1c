"""Staff as the roster knew them when last asked: whom titles and trainings may name, and what rates are counted against."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, OrgScoped


class RegisteredStaff(OrgScoped, Base):
    """A member of staff at a school; gone from the roster means ``is_active`` is false, never that the row is."""

    __tablename__ = "registered_staff"
    __table_args__ = (Index("ix_registered_staff_org_path_staff_key", "org_path", "staff_key"),)

    staff_key: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    school_code: Mapped[str] = mapped_column(Code)
    school_name_zh: Mapped[str] = mapped_column(Text)
    county_code: Mapped[str] = mapped_column(Code)
    # Stages of the school, joined by "+": a school of nine years is a group of its own.
    stages: Mapped[str] = mapped_column(Code)
    is_rural: Mapped[bool | None]
    post: Mapped[str | None] = mapped_column(Code)
    birth_year: Mapped[int | None]
    is_active: Mapped[bool]
    seen_at: Mapped[dt.datetime]


class StaffCount(OrgScoped, Base):
    """How many active staff a school has: what boards divide by without counting everybody again."""

    __tablename__ = "staff_counts"

    school_code: Mapped[str] = mapped_column(Code, primary_key=True)
    county_code: Mapped[str] = mapped_column(Code)
    stages: Mapped[str] = mapped_column(Code)
    is_rural: Mapped[bool | None]
    count: Mapped[int]
