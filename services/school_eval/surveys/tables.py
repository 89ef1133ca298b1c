"""Questionnaires, rounds, the schools in them, and answers that nobody can lead back to a person."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from services.school_eval.surveys.rules import Audience
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_AUDIENCES = ",".join(f"'{audience}'" for audience in Audience)


class Questionnaire(Identified, OrgShared, Base):
    """One version of a questionnaire; never changed, by a trigger of the database."""

    __tablename__ = "questionnaires"
    __table_args__ = (UniqueConstraint("code", "number"),)

    code: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(Text)


class SurveyRound(Identified, Versioned, OrgShared, Base):
    """A questionnaire put to an audience for some weeks."""

    __tablename__ = "survey_rounds"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(f"audience in ({_AUDIENCES})", name="audience"),
        CheckConstraint("opens_on <= closes_on", name="window"),
    )

    code: Mapped[str] = mapped_column(Code)
    questionnaire_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("questionnaires.id"))
    school_year: Mapped[str] = mapped_column(Code)
    audience: Mapped[str] = mapped_column(Text)
    from_grade: Mapped[int | None] = mapped_column(SmallInteger)
    opens_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]
    min_n: Mapped[int] = mapped_column(SmallInteger)


class SurveyedSchool(Identified, Versioned, OrgScoped, Base):
    """A school in a round: whom it should ask, and the shared link's fingerprint."""

    __tablename__ = "surveyed_schools"
    __table_args__ = (
        UniqueConstraint("round_id", "school_code"),
        CheckConstraint("response_count <= response_limit", name="limit"),
        Index("ix_surveyed_schools_org_path_id", "org_path", "id"),
    )

    round_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("survey_rounds.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    invited_count: Mapped[int]
    response_limit: Mapped[int]
    response_count: Mapped[int] = mapped_column(default=0)
    # SHA-256 of the shared link's secret; null where only single tickets are used.
    link_sha256: Mapped[str | None] = mapped_column(Text, unique=True)


class SurveyTicket(Identified, OrgScoped, Base):
    """A link for one answer. It knows that it was used, neither when nor for which answer."""

    __tablename__ = "survey_tickets"
    __table_args__ = (UniqueConstraint("secret_sha256"),)

    surveyed_school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("surveyed_schools.id"))
    secret_sha256: Mapped[str] = mapped_column(Text)
    is_used: Mapped[bool] = mapped_column(default=False)


class SurveyAnswer(OrgScoped, Base):
    """One answer under a random id, with its day alone: no person, address, device, link or hour stands beside it."""

    __tablename__ = "survey_answers"
    __table_args__ = (Index("ix_survey_answers_surveyed_school_id", "surveyed_school_id"),)

    # Random, not ordered by time as other ids are.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    surveyed_school_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("surveyed_schools.id"))
    answered_on: Mapped[dt.date]
    answers: Mapped[dict[str, Any]]
