"""Action plans, their milestones and what was reported on them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.action_plans.rules import MilestoneState
from services.school_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_STATES = ",".join(f"'{state}'" for state in MilestoneState)


class ActionPlan(Identified, Versioned, OrgShared, Base):
    """A plan of an office: measures and tasks, shared with all below it."""

    __tablename__ = "action_plans"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint("starts_on < ends_on", name="period"))

    code: Mapped[str] = mapped_column(Code)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    content: Mapped[dict[str, Any]]


class Milestone(Identified, Versioned, OrgScoped, Base):
    """Something an organization has to have done by a day, for one task of a plan; it belongs to that organization."""

    __tablename__ = "milestones"
    __table_args__ = (
        UniqueConstraint("plan_id", "org_path", "code"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("(state = 'reached') = (reached_on is not null)", name="reached_on"),
        Index("ix_milestones_org_path_id", "org_path", "id"),
        Index("ix_milestones_plan_id_due_on", "plan_id", "due_on"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("action_plans.id"))
    code: Mapped[str] = mapped_column(Code)
    measure: Mapped[str] = mapped_column(Code)
    task: Mapped[str | None] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Text)
    responsible_office: Mapped[str] = mapped_column(Text)
    due_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(Text, default=MilestoneState.PLANNED)
    reported_on: Mapped[dt.date | None]
    reported_by: Mapped[str | None] = mapped_column(Text)
    reached_on: Mapped[dt.date | None]


class MilestoneEntry(Identified, OrgScoped, Base):
    """One step of a milestone with its words; never changed, by a trigger of the database."""

    __tablename__ = "milestone_entries"
    __table_args__ = (Index("ix_milestone_entries_milestone_id_id", "milestone_id", "id"),)

    milestone_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("milestones.id"))
    action: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    author_org: Mapped[str] = mapped_column(Code)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
