"""Rounds of recognition, and the titles people are nominated for and hold."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.titles.rules import EndReason, FollowUpVerdict, RoundState, TitleState
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned
from shared.kits.publicity.tables import Notice

_STATES = ",".join(f"'{state}'" for state in TitleState)
_ROUNDS = ",".join(f"'{state}'" for state in RoundState)
_REASONS = ",".join(f"'{reason}'" for reason in EndReason)
_VERDICTS = ",".join(f"'{verdict}'" for verdict in FollowUpVerdict)


class TitleRound(Identified, Versioned, OrgShared, Base):
    """A call for nominations to one rung by the office that recognizes it."""

    __tablename__ = "title_rounds"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint(f"state in ({_ROUNDS})", name="state"))

    code: Mapped[str] = mapped_column(Code)
    ladder: Mapped[str] = mapped_column(Code)
    ladder_number: Mapped[int]
    rung: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=RoundState.OPEN)
    nominations_end_on: Mapped[dt.date]
    # Name, document, seats by county.
    content: Mapped[dict[str, Any]]
    # The rung as this ladder's version has it: what everybody of the round is held against.
    rung_content: Mapped[dict[str, Any]]


class Title(Identified, Versioned, OrgScoped, Base):
    """A person on the way to a rung, or on it; it belongs to the school that nominated."""

    __tablename__ = "titles"
    __table_args__ = (
        UniqueConstraint("round_id", "staff_key"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint(f"end_reason in ({_REASONS})", name="end_reason"),
        CheckConstraint("state <> 'recognized' or (recognized_on is not null and ended_on is null)", name="recognized"),
        CheckConstraint("state <> 'ended' or (ended_on is not null and end_reason is not null)", name="ended"),
        Index("ix_titles_org_path_id", "org_path", "id"),
        Index("ix_titles_staff_key", "staff_key"),
        Index("ix_titles_ladder_rung_state", "ladder", "rung", "state"),
        Index(
            "uq_titles_standing",
            "staff_key",
            "ladder",
            "rung",
            unique=True,
            postgresql_where="state in ('nominated','returned','reviewed','in_publicity','recognized')",
        ),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("title_rounds.id"))
    ladder: Mapped[str] = mapped_column(Code)
    rung: Mapped[str] = mapped_column(Code)
    staff_key: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    stages: Mapped[str] = mapped_column(Code)
    is_rural: Mapped[bool | None]
    subject: Mapped[str | None] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=TitleState.NOMINATED)
    nominated_on: Mapped[dt.date]
    recognized_on: Mapped[dt.date | None]
    # First and last day of the running term; both are moved by a renewal.
    term_begins_on: Mapped[dt.date | None]
    term_ends_on: Mapped[dt.date | None]
    ended_on: Mapped[dt.date | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    # Criterion → {"value", "document"}: what the school states.
    stated: Mapped[dict[str, Any]]
    # The criteria as held against the facts when last looked at.
    checks: Mapped[list[Any]]
    # Criterion → {"reason", "document"}: let pass by the reviewer.
    waivers: Mapped[dict[str, Any]]


class TitleEntry(Identified, OrgScoped, Base):
    """One step with its words; never changed, by a trigger of the database."""

    __tablename__ = "title_entries"
    __table_args__ = (Index("ix_title_entries_title_id_id", "title_id", "id"),)

    title_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("titles.id"))
    action: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    document: Mapped[str | None] = mapped_column(Text)
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]


class TitleFollowUp(Identified, OrgScoped, Base):
    """A follow-up evaluation of a holder; never changed, by a trigger of the database."""

    __tablename__ = "title_follow_ups"
    __table_args__ = (
        UniqueConstraint("title_id", "evaluated_on"),
        CheckConstraint(f"verdict in ({_VERDICTS})", name="verdict"),
    )

    title_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("titles.id"))
    evaluated_on: Mapped[dt.date]
    verdict: Mapped[str] = mapped_column(Text)
    # What was done in the term: open lessons, lectures, mentees, research.
    figures: Mapped[dict[str, Any]]
    body: Mapped[str] = mapped_column(Text)
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime]


class TitleNotice(Notice, Base):
    """What was shown of a round before recognition."""

    __tablename__ = "title_notices"
