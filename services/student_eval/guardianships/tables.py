"""Who is guardian of whom: pseudonyms of both, and nothing else about the guardian."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned


class Guardianship(Identified, Versioned, OrgScoped, Base):
    """A guardian of a pupil, at the school the pupil is at; standing while it has no end. One stands per pair."""

    __tablename__ = "guardianships"
    __table_args__ = (
        CheckConstraint("relation in ('parent','other')", name="relation"),
        CheckConstraint("student_key <> guardian_key", name="two_people"),
        CheckConstraint("(ended_on is null) = (ended_reason is null)", name="ended_with_reason"),
        Index(
            "uq_guardianships_standing", "student_key", "guardian_key", unique=True, postgresql_where="ended_on is null"
        ),
        Index("ix_guardianships_guardian_key", "guardian_key"),
        Index("ix_guardianships_org_path_id", "org_path", "id"),
    )

    student_key: Mapped[str] = mapped_column(Code)
    guardian_key: Mapped[str] = mapped_column(Code)
    relation: Mapped[str] = mapped_column(Text)
    # What makes somebody who is not a parent guardian.
    document: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    started_on: Mapped[dt.date] = mapped_column(Date)
    ended_on: Mapped[dt.date | None] = mapped_column(Date)
    ended_reason: Mapped[str | None] = mapped_column(Text)
