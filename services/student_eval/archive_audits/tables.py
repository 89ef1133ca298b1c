"""Audits of a school's records of a term, and the questions they raise."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.archive_audits.rules import FindingState
from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in FindingState)


class ArchiveAudit(Identified, OrgScoped, Base):
    """One look at a school's records of a term: what was there, by which numbers, and how much was found; final."""

    __tablename__ = "archive_audits"
    __table_args__ = (UniqueConstraint("org_path", "term", "number"),)

    term: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    student_count: Mapped[int]
    record_count: Mapped[int]
    file_count: Mapped[int]
    # Findings by kind, and the numbers they were looked for with.
    counts: Mapped[dict[str, Any]]
    parameters: Mapped[dict[str, Any]]
    asked_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime]


class ArchiveFinding(Identified, Versioned, OrgScoped, Base):
    """A question about records of a school's term, and what became of it."""

    __tablename__ = "archive_findings"
    __table_args__ = (
        UniqueConstraint("org_path", "term", "fingerprint"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        Index("ix_archive_findings_org_path_id", "org_path", "id"),
    )

    term: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(Code)
    # Ids of records, keys of pupils; both sorted.
    records: Mapped[list[Any]]
    students: Mapped[list[Any]]
    figures: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(Text)
    # Numbers of the first and the last audit that found it.
    first_audit: Mapped[int]
    last_audit: Mapped[int]
    reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[dt.datetime | None]
    # What was opened about its records: doubts and cancellations by id.
    opened: Mapped[list[Any]]
