"""Targets of a plan and what was observed of them."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned


class Target(Identified, Versioned, OrgShared, Base):
    """A figure an office wants to reach by a year, shared with all below it."""

    __tablename__ = "targets"
    __table_args__ = (
        UniqueConstraint("plan_code", "code"),
        CheckConstraint("base_year < goal_year", name="years"),
        CheckConstraint("(goal_value is null) <> (annual_gain is null)", name="one_goal"),
    )

    plan_code: Mapped[str] = mapped_column(Code)
    code: Mapped[str] = mapped_column(Code)
    base_year: Mapped[int] = mapped_column(SmallInteger)
    goal_year: Mapped[int] = mapped_column(SmallInteger)
    goal_value: Mapped[Decimal | None] = mapped_column(Numeric)
    annual_gain: Mapped[Decimal | None] = mapped_column(Numeric)
    # A program of the cultivation register whose recognized schools are counted; null where figures are entered.
    counts: Mapped[str | None] = mapped_column(Code)
    is_observed_only: Mapped[bool]
    content: Mapped[dict[str, Any]]


class TargetObservation(Identified, Versioned, OrgScoped, Base):
    """What was observed in a year; a correction supersedes, nothing is changed."""

    __tablename__ = "target_observations"
    __table_args__ = (
        Index(
            "uq_target_observations_in_force",
            "target_id",
            "org_path",
            "year",
            unique=True,
            postgresql_where="superseded_at is null",
        ),
    )

    target_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("targets.id"))
    year: Mapped[int] = mapped_column(SmallInteger)
    value: Mapped[Decimal] = mapped_column(Numeric)
    source: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    superseded_at: Mapped[dt.datetime | None]
