"""Findings of inspections and what was said about them."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from services.school_eval.findings.rules import FindingState, Severity
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in FindingState)
_SEVERITIES = ",".join(f"'{severity}'" for severity in Severity)


class Finding(Identified, Versioned, OrgScoped, Base):
    """Something a visit found that has to be mended; it belongs to the school. Its id is chosen by the client."""

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint(f"severity in ({_SEVERITIES})", name="severity"),
        CheckConstraint("owner_level in ('city','county')", name="owner_level"),
        CheckConstraint("(state = 'closed') = (closed_on is not null)", name="closed"),
        Index("ix_findings_org_path_id", "org_path", "id"),
        Index("ix_findings_school_code_item_key", "school_code", "item_key"),
        Index(
            "ix_findings_due",
            "due_on",
            postgresql_where="state in ('raised','planned','reported','returned','escalated')",
        ),
    )

    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visits.id"))
    office_path: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_name_zh: Mapped[str] = mapped_column(Text)
    item_key: Mapped[str] = mapped_column(Code)
    severity: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=FindingState.RAISED)
    owner_level: Mapped[str] = mapped_column(Text)
    due_on: Mapped[dt.date]
    # The deadline touches a year whose holidays are not known yet.
    is_due_provisional: Mapped[bool]
    # The same item found at the same school before.
    repeats_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("findings.id"))
    repeat_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    escalation_count: Mapped[int] = mapped_column(SmallInteger, default=0)
    # The post at the school that sees to it; a post, never a name.
    responsible_post: Mapped[str | None] = mapped_column(Text)
    revisit_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("visits.id"))
    raised_on: Mapped[dt.date]
    closed_on: Mapped[dt.date | None]


class FindingEntry(Identified, OrgScoped, Base):
    """One step or remark with its words; never changed, by a trigger of the database."""

    __tablename__ = "finding_entries"
    __table_args__ = (Index("ix_finding_entries_finding_id_id", "finding_id", "id"),)

    finding_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("findings.id"))
    # The step it goes with, or ``comment``.
    action: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    # Organization of the author; empty for the platform itself.
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
