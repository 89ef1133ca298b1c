"""Results of schools in versions, the notices that show them, the objections and reviews against them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.publicity.tables import Notice


class SchoolResult(Identified, OrgScoped, Base):
    """One version of a school's results; never changed, by a trigger of the database."""

    __tablename__ = "school_results"
    __table_args__ = (UniqueConstraint("school_cycle_id", "major", "minor"),)

    school_cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_cycles.id"))
    # Counts up when the school is computed, and within it by every ruling that changes something.
    major: Mapped[int]
    minor: Mapped[int]
    # {"scheme": {"code", "sha256", "as_of"}, "units", "values", "errors": SHA-256, "origins"}
    inputs: Mapped[dict[str, Any]]
    inputs_sha256: Mapped[str] = mapped_column(Code)
    # {"scores" | "totals": SHA-256}: files that hold every school computed together, by school.
    frames: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    software: Mapped[dict[str, Any]]
    # Against the version replaced: {"sha256", "rows", "units", "figures", "grades"}.
    changes: Mapped[dict[str, Any] | None]
    # Number of the last entry it knows: while it stands, no value has changed.
    last_word: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(Text)
    appeal_id: Mapped[uuid.UUID | None]
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    @property
    def version(self) -> str:
        """``major.minor``."""
        return f"{self.major}.{self.minor}"


class CycleNotice(Notice, Base):
    """What a school shows of its results, frozen."""

    __tablename__ = "cycle_notices"


class ResultAppeal(Appeal, Base):
    """A person's objection to the own result, or request for a review of the own grade."""

    __tablename__ = "result_appeals"


class ResultAppealMessage(AppealMessage, Base):
    """What was said in one."""

    __tablename__ = "result_appeal_messages"
    __appeals__ = "result_appeals"
