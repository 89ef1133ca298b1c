"""A school's statistics of a school year, and every state they were ever in."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class SchoolStatistics(Identified, Versioned, OrgScoped, Base):
    """Figures of one school in one school year as they stand; a figure is exact text."""

    __tablename__ = "school_statistics"
    __table_args__ = (
        UniqueConstraint("school_code", "school_year"),
        Index("ix_school_statistics_org_path_id", "org_path", "id"),
        Index("ix_school_statistics_school_year", "school_year"),
    )

    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Code)
    figures: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(Text)
    # The school's own word on these figures; gone with the next change.
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(Text)


class StatisticsState(Identified, OrgScoped, Base):
    """Figures as they stood after a change; never changed itself, by a trigger of the database."""

    __tablename__ = "school_statistics_states"
    __table_args__ = (UniqueConstraint("statistics_id", "number"),)

    statistics_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_statistics.id"))
    number: Mapped[int]
    figures: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    by_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
