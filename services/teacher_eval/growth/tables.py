"""What a growth record holds that no other room does: the person's own notes, and feedback kept from monitoring."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.growth.rules import GoalState, NoteKind
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_KINDS = ",".join(f"'{kind}'" for kind in NoteKind)
_STATES = ",".join(f"'{state}'" for state in GoalState)


class GrowthNote(Identified, Versioned, OrgScoped, Base):
    """A reflection or a goal of one's own; nobody else sees it before it is shared."""

    __tablename__ = "growth_notes"
    __table_args__ = (
        CheckConstraint(f"kind in ({_KINDS})", name="kind"),
        CheckConstraint(f"goal_state in ({_STATES})", name="goal_state"),
        CheckConstraint("(kind = 'goal') = (goal_state is not null)", name="goals_have_states"),
        Index("ix_growth_notes_staff_key_id", "staff_key", "id"),
    )

    staff_key: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Text)
    written_on: Mapped[dt.date]
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    due_on: Mapped[dt.date | None]
    goal_state: Mapped[str | None] = mapped_column(Text)
    shared_at: Mapped[dt.datetime | None]


class GrowthFeedback(Identified, Versioned, OrgScoped, Base):
    """What monitoring's report of a subject said of one's own classes, as it was shown to the person."""

    __tablename__ = "growth_feedback"
    __table_args__ = (
        UniqueConstraint("staff_key", "exam", "subject"),
        Index("ix_growth_feedback_org_path", "org_path"),
    )

    staff_key: Mapped[str] = mapped_column(Code)
    exam: Mapped[str] = mapped_column(Code)
    subject: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Code)
    held_on: Mapped[dt.date]
    results_version: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]]
