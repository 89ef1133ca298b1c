"""Campaigns: one round of evaluation of schools by one version of a scheme."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.campaigns.rules import CampaignState
from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgShared, Versioned

_STATES = ",".join(f"'{state}'" for state in CampaignState)


class Campaign(Identified, Versioned, OrgShared, Base):
    """A campaign; everything its figures depend on stands in ``definition``, the scheme's version and the frozen schools."""

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        Index("ix_campaigns_org_path_code", "org_path", "code"),
    )

    code: Mapped[str] = mapped_column(Code, unique=True)
    school_year: Mapped[str] = mapped_column(Text)
    scheme_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scheme_versions.id"))
    # The day whose weights and rules count.
    as_of: Mapped[dt.date]
    state: Mapped[str] = mapped_column(Text, default=CampaignState.DRAFT)
    state_reason: Mapped[str | None] = mapped_column(Text)
    definition: Mapped[dict[str, Any]]
    # Until when the work of this state may be done; moved by an extension.
    window_ends_at: Mapped[dt.datetime | None]
    # Schools and their attributes as frozen from the roster: a file of the columnar store.
    units_sha256: Mapped[str | None] = mapped_column(Text)
    # Values that are computed or collected elsewhere, as last refreshed: {"values", "errors", "origins": SHA-256, ...}.
    prefill: Mapped[dict[str, Any] | None]
    # {"seed", "source", "share", "least", "schools": how many}
    draw: Mapped[dict[str, Any] | None]
    # Gates that were passed although somebody was missing: [{"step", "reason", "missing": how many}]
    accepted: Mapped[list[Any]] = mapped_column(default=list)
    created_by: Mapped[str] = mapped_column(Text)
