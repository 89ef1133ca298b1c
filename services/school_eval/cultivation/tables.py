"""Programs that cultivate schools towards a recognition, and the schools in them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.cultivation.rules import CandidateState
from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_STATES = ",".join(f"'{state}'" for state in CandidateState)


class CultivationProgram(Identified, Versioned, OrgShared, Base):
    """A recognition that schools are led towards, with its criteria."""

    __tablename__ = "cultivation_programs"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(Code)
    content: Mapped[dict[str, Any]]


class Candidate(Identified, Versioned, OrgScoped, Base):
    """A school in a program; it belongs to the school and is seen by those above it."""

    __tablename__ = "cultivation_candidates"
    __table_args__ = (
        UniqueConstraint("program_id", "school_code"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("state <> 'recognized' or recognized_on is not null", name="recognized_on"),
        Index("ix_cultivation_candidates_org_path_id", "org_path", "id"),
    )

    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cultivation_programs.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_name_zh: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=CandidateState.NOMINATED)
    nominated_on: Mapped[dt.date]
    recognized_on: Mapped[dt.date | None]
    # The last day of a recognition that was taken back.
    recognized_until: Mapped[dt.date | None]
    document: Mapped[str | None] = mapped_column(Text)
    # Criterion → {"verdict", "note", "assessed_on", "assessed_at_level"}.
    assessments: Mapped[dict[str, Any]]


class CandidateEntry(Identified, OrgScoped, Base):
    """One step or assessment with its words; never changed, by a trigger of the database."""

    __tablename__ = "cultivation_entries"
    __table_args__ = (Index("ix_cultivation_entries_candidate_id_id", "candidate_id", "id"),)

    candidate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cultivation_candidates.id"))
    action: Mapped[str] = mapped_column(Text)
    criterion: Mapped[str | None] = mapped_column(Code)
    verdict: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
