"""Checklists of inspection: a draft that is worked on, and versions that never change."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared, Versioned


class Checklist(Identified, Versioned, OrgShared, Base):
    """A checklist of an office, shared with all below: schools may read what they are looked at for."""

    __tablename__ = "checklists"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(Code)
    # A :class:`~services.school_eval.checklists.schemas.ChecklistIn`: what the next version would be.
    draft: Mapped[dict[str, Any]]
    published_number: Mapped[int | None]


class ChecklistVersion(Identified, OrgShared, Base):
    """A published version; never changed, by a trigger of the database."""

    __tablename__ = "checklist_versions"
    __table_args__ = (UniqueConstraint("checklist_id", "number"),)

    checklist_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("checklists.id"))
    code: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(Code)
    note: Mapped[str] = mapped_column(Text)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
