"""Pairs of mentor and mentee, lessons they heard, and what both say of a term."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.mentoring.rules import PairState, Side
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in PairState)
_SIDES = ",".join(f"'{side}'" for side in Side)


class MentoringPair(Identified, Versioned, OrgScoped, Base):
    """A mentor and a mentee; it belongs to the mentee's school, wherever the mentor is."""

    __tablename__ = "mentoring_pairs"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("mentor_key <> mentee_key", name="two_people"),
        CheckConstraint("ends_on > starts_on", name="period"),
        CheckConstraint("state <> 'completed' or completed_on is not null", name="completed"),
        Index("ix_mentoring_pairs_mentor_key", "mentor_key"),
        Index("ix_mentoring_pairs_mentee_key", "mentee_key"),
        Index("ix_mentoring_pairs_org_path_id", "org_path", "id"),
        Index(
            "uq_mentoring_pairs_standing",
            "mentor_key",
            "mentee_key",
            unique=True,
            postgresql_where="state in ('proposed','agreed')",
        ),
    )

    mentor_key: Mapped[str] = mapped_column(Code)
    mentee_key: Mapped[str] = mapped_column(Code)
    mentor_school: Mapped[str] = mapped_column(Code)
    mentee_school: Mapped[str] = mapped_column(Code)
    subject: Mapped[str | None] = mapped_column(Code)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    goals: Mapped[str] = mapped_column(Text)
    lessons_needed: Mapped[int]
    state: Mapped[str] = mapped_column(Text, default=PairState.PROPOSED)
    mentor_agreed_at: Mapped[dt.datetime | None]
    mentee_agreed_at: Mapped[dt.datetime | None]
    completed_on: Mapped[dt.date | None]
    ended_reason: Mapped[str | None] = mapped_column(Text)


class MentoringLesson(Identified, Versioned, OrgScoped, Base):
    """A lesson that one gave and the other heard; it counts once the other side has confirmed it."""

    __tablename__ = "mentoring_lessons"
    __table_args__ = (
        UniqueConstraint("pair_id", "heard_on", "period"),
        CheckConstraint("period between 1 and 12", name="period"),
        CheckConstraint(f"taught_by in ({_SIDES})", name="taught_by"),
        CheckConstraint(f"entered_by in ({_SIDES})", name="entered_by"),
    )

    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mentoring_pairs.id"))
    heard_on: Mapped[dt.date]
    period: Mapped[int] = mapped_column(SmallInteger)
    taught_by: Mapped[str] = mapped_column(Text)
    topic: Mapped[str] = mapped_column(Text)
    advice: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[str] = mapped_column(Text)
    confirmed_at: Mapped[dt.datetime | None]


class MentoringReview(Identified, OrgScoped, Base):
    """What one of both says of a term; never changed, by a trigger of the database."""

    __tablename__ = "mentoring_reviews"
    __table_args__ = (
        UniqueConstraint("pair_id", "school_year", "semester", "side"),
        CheckConstraint(f"side in ({_SIDES})", name="side"),
        CheckConstraint("semester in (1, 2) and progress between 1 and 5", name="values"),
    )

    pair_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("mentoring_pairs.id"))
    school_year: Mapped[str] = mapped_column(Code)
    semester: Mapped[int] = mapped_column(SmallInteger)
    side: Mapped[str] = mapped_column(Text)
    progress: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]
