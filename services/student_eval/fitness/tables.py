"""A school's fitness results of a school year, and every state they were ever in."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class FitnessSheet(Identified, Versioned, OrgScoped, Base):
    """Scored results of a school's pupils as they stand: a file of the columnar store, and its counts for reports."""

    __tablename__ = "fitness_sheets"
    __table_args__ = (
        UniqueConstraint("school_year", "school_code"),
        Index("ix_fitness_sheets_org_path_id", "org_path", "id"),
    )

    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Code)
    sha256: Mapped[str] = mapped_column(Code)
    student_count: Mapped[int]
    # Rows of reports.COUNTED by grade and sex: what counties and the city add up.
    counts: Mapped[list[Any]]
    # Past their time pupils' results are erased; the counts stay.
    erased_at: Mapped[dt.datetime | None]


class FitnessSheetState(Identified, OrgScoped, Base):
    """Results as they stood after an upload; never changed itself, by a trigger of the database."""

    __tablename__ = "fitness_sheet_states"
    __table_args__ = (UniqueConstraint("sheet_id", "number"),)

    sheet_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fitness_sheets.id"))
    number: Mapped[int]
    sha256: Mapped[str] = mapped_column(Code)
    source: Mapped[str] = mapped_column(Text)
    attempt: Mapped[str] = mapped_column(Text)
    row_count: Mapped[int]
    by_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
