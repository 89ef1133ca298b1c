"""Schools."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base, Sourced, source_rules
from shared.kernel.database.base import Code, OrgScoped, Versioned


class School(Versioned, OrgScoped, Sourced, Base):
    """A school under its national code. Its stages are its own: one code can cover several, and the code does not tell."""

    __tablename__ = "schools"
    __table_args__ = (
        CheckConstraint("school_code ~ '^(21|31|34|36|37|51|11)[0-9]{8}$'", name="school_code"),
        CheckConstraint(
            "cardinality(stages) > 0 and stages <@ array['primary','junior_secondary','senior_secondary']",
            name="stages",
        ),
        Index("ix_schools_org_path", "org_path"),
        Index("ix_schools_county_code_school_code", "county_code", "school_code"),
        *source_rules("schools"),
    )

    school_code: Mapped[str] = mapped_column(Code, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str | None] = mapped_column(Text)
    county_code: Mapped[str] = mapped_column(Code)
    school_type: Mapped[str] = mapped_column(Code)
    urban_rural: Mapped[str | None] = mapped_column(Code)
    ownership: Mapped[str | None] = mapped_column(Code)
    stages: Mapped[list[str]] = mapped_column(ARRAY(Text))
    closed_on: Mapped[dt.date | None] = mapped_column(Date)
    attributes: Mapped[dict[str, Any]]
