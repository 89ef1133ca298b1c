"""Results of campaigns in versions, the notices that show them, the appeals against them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.publicity.tables import Notice


class CampaignResult(Identified, OrgShared, Base):
    """One version of a campaign's results; never changed but for when it was first shown to schools."""

    __tablename__ = "campaign_results"
    __table_args__ = (UniqueConstraint("campaign_id", "major", "minor"),)

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    # Counts up when the campaign is computed, and within it by every ruling that changes something.
    major: Mapped[int]
    minor: Mapped[int]
    # {"scheme": {"code", "number", "sha256", "as_of"}, "units", "values", "errors": SHA-256, "origins"}
    inputs: Mapped[dict[str, Any]]
    inputs_sha256: Mapped[str] = mapped_column(Code)
    # {"scores" | "totals": {"sha256", "rows", "size"}}
    frames: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    software: Mapped[dict[str, Any]]
    # Against the version replaced: {"sha256", "rows", "units", "figures", "grades"}.
    changes: Mapped[dict[str, Any] | None]
    reason: Mapped[str | None] = mapped_column(Text)
    appeal_id: Mapped[uuid.UUID | None]
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    # From when on counties and schools may see it.
    shown_at: Mapped[dt.datetime | None]

    @property
    def version(self) -> str:
        """``major.minor``."""
        return f"{self.major}.{self.minor}"


class CampaignNotice(Notice, Base):
    """What is shown of a campaign's results, frozen."""

    __tablename__ = "notices"


class SchoolAppeal(Appeal, Base):
    """A school's appeal against its own result."""

    __tablename__ = "appeals"


class SchoolAppealMessage(AppealMessage, Base):
    """What was said in an appeal."""

    __tablename__ = "appeal_messages"
