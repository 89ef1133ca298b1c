"""Windows in which links are verified, schools in them, links, what was said of each, and what was frozen."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.teaching_links.rules import LinkState, SchoolState, SilentLinks
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned


def _one_of(column: str, values: type) -> str:
    listed = ",".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]
    return f"{column} in ({listed})"


class LinkWindow(Identified, Versioned, OrgShared, Base):
    """How an office has the links of a school year verified."""

    __tablename__ = "link_windows"
    __table_args__ = (
        UniqueConstraint("org_path", "school_year"),
        CheckConstraint(_one_of("silent_links", SilentLinks), name="silent_links"),
    )

    school_year: Mapped[str] = mapped_column(Code)
    silent_links: Mapped[str] = mapped_column(Text)
    # {"confirm": working days, "decide": …, "close": …}
    days: Mapped[dict[str, Any]]


class SchoolLinks(Identified, Versioned, OrgScoped, Base):
    """A school in a window: whose turn it is and until when."""

    __tablename__ = "school_links"
    __table_args__ = (
        UniqueConstraint("window_id", "org_path"),
        CheckConstraint(_one_of("state", SchoolState), name="state"),
        CheckConstraint("(state = 'closed') = (links_sha256 is not null)", name="closed"),
        Index("ix_school_links_org_path_id", "org_path", "id"),
    )

    window_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("link_windows.id"))
    school_code: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=SchoolState.PREVIEWED)
    # When the step that stands ends, and working years whose holidays rest on no notice yet.
    due_at: Mapped[dt.datetime]
    unverified_years: Mapped[list[Any]]
    source_sha256: Mapped[str] = mapped_column(Code)
    links_sha256: Mapped[str | None] = mapped_column(Code)
    closed_at: Mapped[dt.datetime | None]


class TeachingLink(Identified, Versioned, OrgScoped, Base):
    """A teacher at a class in a subject; what the roster said, what stands now, and who has said so."""

    __tablename__ = "teaching_links"
    __table_args__ = (
        CheckConstraint(_one_of("state", LinkState), name="state"),
        CheckConstraint("share >= 0 and share <= 1 and ends_on >= starts_on", name="extent"),
        Index("ix_teaching_links_school_links_id", "school_links_id", "id"),
        Index("ix_teaching_links_staff_key", "staff_key"),
        Index("ix_teaching_links_org_path_id", "org_path", "id"),
    )

    school_links_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_links.id"))
    staff_key: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    grade_level: Mapped[int]
    subject: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=LinkState.PREVIEWED)
    # Null for a link that the roster did not have and a teacher claims.
    previewed: Mapped[dict[str, Any] | None]
    # What the teacher says instead, while it is disputed.
    claimed: Mapped[dict[str, Any] | None]
    share: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    is_silent: Mapped[bool] = mapped_column(default=False)


class TeachingLinkStep(Identified, OrgScoped, Base):
    """What somebody did with a link; never changed."""

    __tablename__ = "teaching_link_steps"
    __table_args__ = (Index("ix_teaching_link_steps_link_id", "link_id", "id"),)

    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teaching_links.id"))
    step: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
    reason: Mapped[str | None] = mapped_column(Text)
    taken_by: Mapped[str] = mapped_column(Text)
    taken_at: Mapped[dt.datetime]


class VerifiedLink(Identified, OrgScoped, Base):
    """A link as frozen when its school was closed; the only kind that figures may rest on. Final."""

    __tablename__ = "verified_links"
    __table_args__ = (
        UniqueConstraint("link_id"),
        Index("ix_verified_links_org_path_school_year", "org_path", "school_year"),
        Index("ix_verified_links_staff_key", "staff_key"),
    )

    link_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teaching_links.id"))
    school_links_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_links.id"))
    school_year: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    class_code: Mapped[str] = mapped_column(Code)
    grade_level: Mapped[int]
    subject: Mapped[str] = mapped_column(Code)
    staff_key: Mapped[str] = mapped_column(Code)
    share: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    is_silent: Mapped[bool]
