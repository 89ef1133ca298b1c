"""Spot checks of certified records: a closed frame, a public seed, a draw, and what was found."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Float, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.record_checks.rules import CheckState, Outcome
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in CheckState)
_OUTCOMES = ",".join(f"'{outcome}'" for outcome in Outcome)


class RecordCheck(Identified, Versioned, OrgScoped, Base):
    """A spot check of an office; what can be drawn is closed with it."""

    __tablename__ = "record_checks"
    __table_args__ = (UniqueConstraint("org_path", "code"), CheckConstraint(f"state in ({_STATES})", name="state"))

    code: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text)
    # First and last day of certification, kinds, share to draw.
    design: Mapped[dict[str, Any]]
    frame_sha256: Mapped[str] = mapped_column(Code)
    frame_hash: Mapped[str] = mapped_column(Code)
    record_count: Mapped[int]
    closed_at: Mapped[dt.datetime]
    seed: Mapped[int | None]
    witnessed_by: Mapped[str | None] = mapped_column(Text)
    drawn_at: Mapped[dt.datetime | None]


class CheckedRecord(Identified, Versioned, OrgScoped, Base):
    """A record that was drawn, and what was found of it; it belongs to the office that checks."""

    __tablename__ = "checked_records"
    __table_args__ = (
        UniqueConstraint("check_id", "record_id"),
        CheckConstraint(f"outcome in ({_OUTCOMES})", name="outcome"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("record_checks.id"))
    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teacher_records.id"))
    school_code: Mapped[str] = mapped_column(Code)
    probability: Mapped[float] = mapped_column(Float)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    judged_by: Mapped[str | None] = mapped_column(Text)
    judged_at: Mapped[dt.datetime | None]
