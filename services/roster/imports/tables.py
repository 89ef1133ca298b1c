"""Imports: every upload that was checked as a whole, with its verdict, its faults and its receipt."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.roster.database import Base
from shared.kernel.database.base import Identified, OrgScoped, Versioned


class ImportState(StrEnum):
    """States of an import; all but the first are final."""

    RECEIVED = "received"
    CHECKED = "checked"
    APPLIED = "applied"
    REFUSED = "refused"


class Import(Identified, Versioned, OrgScoped, Base):
    """One upload. Its body is kept sealed until it is applied, or for a week when there are faults to mark in it."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("state in ('received','checked','applied','refused')", name="state"),
        Index("ix_imports_org_path_created_at", "org_path", "created_at"),
        Index("ix_imports_kept_bodies", "created_at", postgresql_where="body_sealed is not null"),
    )

    collection: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    dry_run: Mapped[bool]
    atomic: Mapped[str] = mapped_column(Text)
    actor: Mapped[dict[str, Any]]
    body_sha256: Mapped[str] = mapped_column(Text)
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    row_count: Mapped[int]
    counts: Mapped[dict[str, Any]]
    fault_count: Mapped[int] = mapped_column(default=0)
    faults: Mapped[bytes | None] = mapped_column(LargeBinary)
    receipt: Mapped[dict[str, Any] | None]
    job_id: Mapped[uuid.UUID | None]
    finished_at: Mapped[dt.datetime | None]
