"""Ladders of a bureau, and every version of them that was in force."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared, Versioned


class Ladder(Identified, Versioned, OrgShared, Base):
    """A ladder as it stands; its version is the number of the newest one."""

    __tablename__ = "ladders"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str] = mapped_column(Code)
    kept_at_level: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]


class LadderVersion(Identified, OrgShared, Base):
    """One version; never changed, by a trigger of the database, because titles rest on it."""

    __tablename__ = "ladder_versions"
    __table_args__ = (UniqueConstraint("ladder_id", "number"),)

    ladder_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ladders.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    by_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]
