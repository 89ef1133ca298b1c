"""Cases of conduct, everything that was done in them, appeals against decisions, and the files."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.conduct.rules import CaseState, Origin
from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned
from shared.kits.appeals.tables import Appeal, AppealMessage
from shared.kits.evidence.tables import EvidenceFile

_STATES = ",".join(f"'{state}'" for state in CaseState)
_ORIGINS = ",".join(f"'{origin}'" for origin in Origin)


class ConductCase(Identified, Versioned, OrgScoped, Base):
    """What somebody is said to have done, and what became of it; it stays with the school it happened at.

    Changes of it are in no change feed: who has no part in it does not learn that there is a case.
    """

    __tablename__ = "conduct_cases"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint(f"origin in ({_ORIGINS})", name="origin"),
        CheckConstraint(
            "state not in ('decided','in_effect','expired','lifted') or "
            "(document_number is not null and decided_on is not null and served_on is not null "
            "and review_until is not null)",
            name="decided",
        ),
        CheckConstraint("state not in ('in_effect','expired','lifted') or effective_on is not null", name="effective"),
        CheckConstraint("(state in ('expired','lifted','not_confirmed')) = (ended_on is not null)", name="ended"),
        Index("ix_conduct_cases_org_path_id", "org_path", "id"),
        Index("ix_conduct_cases_staff_key", "staff_key"),
        Index("ix_conduct_cases_state", "state"),
    )

    staff_key: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    # Levels that handle it: others above or beside do not see it.
    levels: Mapped[list[Any]]
    rules: Mapped[list[Any]]
    origin: Mapped[str] = mapped_column(Text)
    occurred_on: Mapped[dt.date | None]
    # Words are gone once the case is erased.
    facts: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=CaseState.REPORTED)
    reported_on: Mapped[dt.date]
    notified_at: Mapped[dt.datetime | None]
    hearing_on: Mapped[dt.date | None]
    statement: Mapped[str | None] = mapped_column(Text)
    stated_at: Mapped[dt.datetime | None]
    heard_at: Mapped[dt.datetime | None]
    suspended_on: Mapped[dt.date | None]
    suspension_ended_on: Mapped[dt.date | None]
    decided_on: Mapped[dt.date | None]
    served_on: Mapped[dt.date | None]
    document_number: Mapped[str | None] = mapped_column(Text)
    decided_level: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decision: Mapped[str | None] = mapped_column(Text)
    # [{"handling", "months"}]
    imposed: Mapped[list[Any]]
    review_until: Mapped[dt.datetime | None]
    effective_on: Mapped[dt.date | None]
    # [{"handling", "first_on", "last_on", "pay_last_on"}]
    effects: Mapped[list[Any]]
    # Last day of what holds longest; null in effect: for good.
    last_on: Mapped[dt.date | None]
    ended_on: Mapped[dt.date | None]
    erased_at: Mapped[dt.datetime | None]


class ConductEntry(Identified, OrgScoped, Base):
    """One step of a case with its words; never changed, and deleted only when the case is erased (by trigger)."""

    __tablename__ = "conduct_entries"
    __table_args__ = (Index("ix_conduct_entries_case_id_id", "case_id", "id"),)

    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conduct_cases.id"))
    action: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    # Whether the person reads it.
    is_shown: Mapped[bool]
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]


class ConductEvidence(EvidenceFile, Base):
    """A file of a case: apart from the service's other evidence, because hardly anybody may know of it."""

    __tablename__ = "conduct_evidence"
    __private__: ClassVar[bool] = True


class ConductAppeal(Appeal, Base):
    """A person's appeal against a decision (复核、申诉)."""

    __tablename__ = "conduct_appeals"
    __private__: ClassVar[bool] = True


class ConductAppealMessage(AppealMessage, Base):
    """What was said in it."""

    __tablename__ = "conduct_appeal_messages"
    __appeals__: ClassVar[str] = "conduct_appeals"
