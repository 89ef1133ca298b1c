"""Audit samples of offices, the records drawn, and what examinations found of them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.archive_samples.rules import Outcome, SampleState, Side
from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_STATES = ",".join(f"'{state}'" for state in SampleState)
_OUTCOMES = ",".join(f"'{outcome}'" for outcome in Outcome)
_SIDES = ",".join(f"'{side}'" for side in Side)


class ArchiveSample(Identified, Versioned, OrgShared, Base):
    """A sample of an office, or of a school for itself: announced with the hash of its seed, closed, drawn."""

    __tablename__ = "archive_samples"
    __table_args__ = (UniqueConstraint("org_path", "code"), CheckConstraint(f"state in ({_STATES})", name="state"))

    code: Mapped[str] = mapped_column(Code)
    term: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text)
    # Shares to draw of flagged and other records, fewest of each stratum.
    design: Mapped[dict[str, Any]]
    seed_commitment: Mapped[str] = mapped_column(Code)
    announced_at: Mapped[dt.datetime]
    announced_by: Mapped[str] = mapped_column(Text)
    # What can be drawn: a file of the columnar store; fingerprint, records and flagged ones by school; one fingerprint.
    frame_sha256: Mapped[str | None] = mapped_column(Code)
    frame_hash: Mapped[str | None] = mapped_column(Code)
    schools: Mapped[dict[str, Any]]
    frame_closed_at: Mapped[dt.datetime | None]
    seed: Mapped[str | None] = mapped_column(Text)
    witnessed_by: Mapped[str | None] = mapped_column(Text)
    drawn_at: Mapped[dt.datetime | None]


class SampledRecord(Identified, Versioned, OrgScoped, Base):
    """A record that was drawn; it lies with its school, and offices above see it without whose it is."""

    __tablename__ = "sampled_records"
    __table_args__ = (
        UniqueConstraint("sample_id", "record_id"),
        CheckConstraint(f"outcome in ({_OUTCOMES})", name="outcome"),
        Index("ix_sampled_records_org_path_id", "org_path", "id"),
    )

    sample_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("archive_samples.id"))
    school_code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    term: Mapped[str] = mapped_column(Code)
    student_key: Mapped[str] = mapped_column(Code, index=True)
    record_id: Mapped[uuid.UUID]
    is_flagged: Mapped[bool]
    # The office's word where it has one, else the school's.
    outcome: Mapped[str | None] = mapped_column(Text)
    opened: Mapped[dict[str, Any] | None]


class RecordExamination(Identified, OrgScoped, Base):
    """What one side found of a drawn record; final."""

    __tablename__ = "record_examinations"
    __table_args__ = (
        UniqueConstraint("sampled_id", "side"),
        CheckConstraint(f"outcome in ({_OUTCOMES})", name="outcome"),
        CheckConstraint(f"side in ({_SIDES})", name="side"),
    )

    sampled_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sampled_records.id"))
    side: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    examined_by: Mapped[str] = mapped_column(Text)
    examined_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
