"""Indicator schemes: one draft that is edited, and versions that never change."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared, Versioned
from shared.scoring.scheme.tree import SubjectOfScheme

_SUBJECTS = ",".join(f"'{subject}'" for subject in SubjectOfScheme)


class IndicatorScheme(Identified, Versioned, OrgShared, Base):
    """A scheme; its version counts every change of the draft."""

    __tablename__ = "schemes"
    __table_args__ = (
        CheckConstraint(f"of in ({_SUBJECTS})", name="of"),
        Index("ix_schemes_org_path_code", "org_path", "code"),
    )

    code: Mapped[str] = mapped_column(Code, unique=True)
    name_zh: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    # Who is judged.
    of: Mapped[str] = mapped_column(Text)
    # The document as it is being edited; null while there is nothing beyond the last version.
    draft: Mapped[str | None] = mapped_column(Text)
    # Number of the version that the draft began as.
    draft_from: Mapped[int | None]
    draft_by: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(Text)


class SchemeVersion(Identified, OrgShared, Base):
    """A published document; never changed, by a trigger of the database."""

    __tablename__ = "scheme_versions"
    __table_args__ = (UniqueConstraint("scheme_id", "number"),)

    scheme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("schemes.id"))
    number: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Code)
    # What was found when it was published: warnings, and errors to come.
    findings: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
