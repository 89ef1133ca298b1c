"""Indicator schemes: one draft that is edited, and versions that never change."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from shared.kernel.database.base import Code, Identified, OrgShared, Versioned
from shared.scoring.scheme.tree import SubjectOfScheme

_SUBJECTS = ",".join(f"'{subject}'" for subject in SubjectOfScheme)


class IndicatorScheme(Identified, Versioned, OrgShared):
    """Mixin of a service's table of schemes; the version counts every change of the draft."""

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

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            CheckConstraint(f"of in ({_SUBJECTS})", name="of"),
            Index(f"ix_{cls.__tablename__}_org_path_code", "org_path", "code"),  # type: ignore[attr-defined]
        )


class SchemeVersion(Identified, OrgShared):
    """Mixin of a service's table of published documents; final, by trigger. ``__schemes__`` names the table of schemes."""

    __schemes__: ClassVar[str] = "schemes"

    number: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Code)
    # What was found when it was published: warnings, and errors to come.
    findings: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(Text)
    published_by: Mapped[str] = mapped_column(Text)
    published_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    @declared_attr
    @classmethod
    def scheme_id(cls) -> Mapped[uuid.UUID]:
        """The scheme it belongs to."""
        return mapped_column(ForeignKey(f"{cls.__schemes__}.id"))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        return (UniqueConstraint("scheme_id", "number"),)
