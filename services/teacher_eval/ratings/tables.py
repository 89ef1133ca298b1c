"""Questionnaires, rounds, groups of raters, their tickets, and sheets that nobody can lead back to a person."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.ratings.rules import Audience, RoundKind
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_AUDIENCES = ",".join(f"'{audience}'" for audience in Audience)
_KINDS = ",".join(f"'{kind}'" for kind in RoundKind)


class RatingQuestionnaire(Identified, OrgShared, Base):
    """One version of a questionnaire about people; never changed, by a trigger of the database."""

    __tablename__ = "rating_questionnaires"
    __table_args__ = (UniqueConstraint("org_path", "code", "number"),)

    code: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(Text)


class RatingRound(Identified, Versioned, OrgShared, Base):
    """A questionnaire put to some audiences for some weeks, at one school or at all of an office."""

    __tablename__ = "rating_rounds"
    __table_args__ = (
        UniqueConstraint("org_path", "code"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("opens_on <= closes_on", name="window"),
    )

    code: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[dict[str, Any]]
    school_year: Mapped[str] = mapped_column(Code)
    questionnaire_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_questionnaires.id"))
    # {audience: {"weight", "min_n", "trim_rate", "adjust"}}
    audiences: Mapped[dict[str, Any]]
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]


class RatingGroup(Identified, Versioned, OrgScoped, Base):
    """People of a school who rate the same colleagues: a class, a subject group, the assessment group."""

    __tablename__ = "rating_groups"
    __table_args__ = (
        UniqueConstraint("round_id", "org_path", "code"),
        CheckConstraint(f"audience in ({_AUDIENCES})", name="audience"),
        CheckConstraint("invited_count > 0 and response_count >= 0", name="counts"),
        Index("ix_rating_groups_org_path_id", "org_path", "id"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_rounds.id"))
    code: Mapped[str] = mapped_column(Code)
    audience: Mapped[str] = mapped_column(Text)
    grade_level: Mapped[int | None] = mapped_column(SmallInteger)
    # Staff keys, sorted: who is rated; and who rates, where they have accounts.
    rated: Mapped[list[Any]]
    raters: Mapped[list[Any]]
    invited_count: Mapped[int]
    ticket_count: Mapped[int] = mapped_column(default=0)
    response_count: Mapped[int] = mapped_column(default=0)


class RatingTicket(Identified, OrgScoped, Base):
    """A link for one sheet. It knows whose it is among staff, so that nobody takes two; never what was said with it.

    Tickets are gone once the school's ratings are closed.
    """

    __tablename__ = "rating_tickets"
    __table_args__ = (UniqueConstraint("secret_sha256"), UniqueConstraint("group_id", "holder_key"))

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_groups.id"))
    secret_sha256: Mapped[str] = mapped_column(Text)
    holder_key: Mapped[str | None] = mapped_column(Code)
    is_used: Mapped[bool] = mapped_column(default=False)


class RatingAnswer(OrgScoped, Base):
    """What one sheet says of one person, under random ids, with its day alone.

    The sheet's id ties together what one rater said, to tell severe raters; it is forgotten when the school's ratings are
    closed.
    """

    __tablename__ = "rating_answers"
    __table_args__ = (Index("ix_rating_answers_group_id", "group_id"),)

    # Random, not ordered by time as other ids are.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_groups.id"))
    staff_key: Mapped[str] = mapped_column(Code)
    sheet: Mapped[uuid.UUID | None]
    answered_on: Mapped[dt.date]
    answers: Mapped[dict[str, Any]]


class RatingClosing(Identified, OrgScoped, Base):
    """A school's ratings of a round are over and counted; final."""

    __tablename__ = "rating_closings"
    __table_args__ = (UniqueConstraint("round_id", "org_path"),)

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_rounds.id"))
    school_code: Mapped[str] = mapped_column(Code)
    closed_at: Mapped[dt.datetime]
    answer_count: Mapped[int]
    figures_sha256: Mapped[str] = mapped_column(Code)


class RatingFigure(Identified, OrgScoped, Base):
    """What an audience's ratings of one person come to, 0 to 100; empty where too few answered; final."""

    __tablename__ = "rating_figures"
    __table_args__ = (
        UniqueConstraint("round_id", "org_path", "staff_key", "audience"),
        CheckConstraint(f"audience in ({_AUDIENCES})", name="audience"),
        Index("ix_rating_figures_staff_key", "staff_key"),
        Index("ix_rating_figures_org_path_id", "org_path", "id"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rating_rounds.id"))
    staff_key: Mapped[str] = mapped_column(Code)
    audience: Mapped[str] = mapped_column(Text)
    invited_count: Mapped[int]
    # Null where withheld, as is everything behind it.
    n: Mapped[int | None]
    raw: Mapped[float | None]
    value: Mapped[float | None]
    se: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    adjusted_count: Mapped[int | None]
