"""Entries of pupils' archives: added and never changed, by a trigger of the database."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.student_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped
from shared.kits.evidence.tables import EvidenceFile


class ArchiveEntry(Identified, OrgScoped, Base):
    """One entry of a pupil's chain; the payload is text, so that its bytes stay as they were hashed."""

    __tablename__ = "archive_entries"
    __table_args__ = (
        UniqueConstraint("student_key", "number"),
        Index("ix_archive_entries_org_path_term", "org_path", "term"),
        Index("ix_archive_entries_record_id", "record_id", postgresql_where="kind = 'record_written'"),
    )

    student_key: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    record_id: Mapped[uuid.UUID | None]
    term: Mapped[str | None] = mapped_column(Code)
    payload: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    by_role: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]
    previous_sha256: Mapped[str] = mapped_column(Code)
    sha256: Mapped[str] = mapped_column(Code)


class ArchiveKeeper(Identified, OrgScoped, Base):
    """Which school keeps a pupil's archive now: entries and sealed versions are read through it."""

    __tablename__ = "archive_keepers"
    __table_args__ = (UniqueConstraint("student_key"),)

    student_key: Mapped[str] = mapped_column(Code)
    since: Mapped[dt.datetime]


class SealedArchive(Identified, OrgScoped, Base):
    """An archive as it was sealed: its package, signed; a correction makes another version."""

    __tablename__ = "sealed_archives"
    __table_args__ = (UniqueConstraint("student_key", "version_number"),)

    student_key: Mapped[str] = mapped_column(Code)
    version_number: Mapped[int]
    package: Mapped[str] = mapped_column(Text)
    package_sha256: Mapped[str] = mapped_column(Code)
    signature: Mapped[str] = mapped_column(Text)
    sealed_by: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[dt.datetime]


class Evidence(EvidenceFile, Base):
    """Files that pupils attach to their records."""

    __tablename__ = "evidence_files"
