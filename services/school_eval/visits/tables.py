"""Visits, those who rate on them, and their ratings."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from services.school_eval.visits.rules import VisitKind, VisitState
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in VisitState)
_KINDS = ",".join(f"'{kind}'" for kind in VisitKind)


class Visit(Identified, Versioned, OrgScoped, Base):
    """A visit of a school; its id is chosen by the client.

    Until it is announced or has begun, its path is the office's, so that no school can find it; from then on the school's.
    """

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint("kind = 'revisit' or plan_id is not null", name="planned"),
        CheckConstraint("state not in ('rated','signed','closed_unsigned') or outcome is not null", name="outcome"),
        CheckConstraint("(state = 'signed') = (signed_at is not null)", name="signed"),
        Index("ix_visits_org_path_id", "org_path", "id"),
        Index("ix_visits_school_code_started_on", "school_code", "started_on"),
        # A planned school is visited once; a cancelled visit makes room for another.
        Index(
            "uq_visits_plan_id_school_code",
            "plan_id",
            "school_code",
            unique=True,
            postgresql_where=text("kind = 'planned' and state <> 'cancelled'"),
        ),
    )

    office_path: Mapped[str] = mapped_column(Code)
    plan_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("visit_plans.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=VisitState.PLANNED)
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_name_zh: Mapped[str] = mapped_column(Text)
    is_rural: Mapped[bool]
    is_city_run: Mapped[bool]
    is_double_rated: Mapped[bool]
    # [{"code", "number", "sha256"}]: what is looked at, by published version.
    checklists: Mapped[list[Any]]
    planned_on: Mapped[dt.date]
    school_year: Mapped[str] = mapped_column(Text)
    semester: Mapped[int] = mapped_column(SmallInteger)
    announced_at: Mapped[dt.datetime | None]
    started_on: Mapped[dt.date | None]
    rated_at: Mapped[dt.datetime | None]
    # What :func:`~services.school_eval.visits.rules.outcome_of` gave; the school signs its hash.
    outcome: Mapped[dict[str, Any] | None]
    outcome_sha256: Mapped[str | None] = mapped_column(Code)
    sign_due_on: Mapped[dt.date | None]
    signed_at: Mapped[dt.datetime | None]
    signed_by: Mapped[str | None] = mapped_column(Text)
    remarks: Mapped[str | None] = mapped_column(Text)
    # Why it was cancelled, closed unsigned, or made beyond the limit of visits.
    reason: Mapped[str | None] = mapped_column(Text)


class VisitRater(Identified, OrgScoped, Base):
    """Somebody who rates on a visit; the office's alone, so that a school never learns who said what."""

    __tablename__ = "visit_raters"
    __table_args__ = (UniqueConstraint("visit_id", "account"),)

    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visits.id"))
    account: Mapped[str] = mapped_column(Text)
    is_lead: Mapped[bool]
    submitted_at: Mapped[dt.datetime | None]
    recused_at: Mapped[dt.datetime | None]
    recused_reason: Mapped[str | None] = mapped_column(Text)


class VisitRating(Identified, OrgScoped, Base):
    """One rater's word on one item; never changed after the rater has submitted, by a trigger of the database."""

    __tablename__ = "visit_ratings"
    __table_args__ = (
        UniqueConstraint("rater_id", "item_key"),
        CheckConstraint("not is_not_applicable or rating is null", name="rating"),
        Index("ix_visit_ratings_visit_id", "visit_id"),
    )

    visit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visits.id"))
    rater_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visit_raters.id"))
    item_key: Mapped[str] = mapped_column(Code)
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    is_not_applicable: Mapped[bool]
    note: Mapped[str | None] = mapped_column(Text)
    # The phone's own id of its last change and its clock's word on when.
    change_id: Mapped[uuid.UUID]
    client_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)
