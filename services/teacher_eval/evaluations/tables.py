"""What is said on the values of people, in order and for ever; disputes over figures filled in."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.evaluations.rules import Action, DisputeState, Judge
from shared.kernel.database.base import Code, Identified, OrgScoped

_JUDGES = ",".join(f"'{judge}'" for judge in Judge)
_ACTIONS = ",".join(f"'{action}'" for action in Action)
_DISPUTES = ",".join(f"'{state}'" for state in DisputeState)


class EvaluationEntry(OrgScoped, Base):
    """Something said on a value; the last entry of a leaf counts. Never changed, by a trigger of the database."""

    __tablename__ = "evaluation_entries"
    __table_args__ = (
        CheckConstraint(f"judge in ({_JUDGES})", name="judge"),
        CheckConstraint(f"action in ({_ACTIONS})", name="action"),
        Index("ix_evaluation_entries_member_id_leaf_seq", "member_id", "leaf", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cycle_members.id"))
    leaf: Mapped[str] = mapped_column(Code)
    # As text, exact; null where it is stated that there is none.
    value: Mapped[str | None] = mapped_column(Text)
    judge: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    # Of an appraisal: how many ballots were valid.
    ballots: Mapped[int | None]
    author_org: Mapped[str] = mapped_column(Code)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class FigureDispute(Identified, OrgScoped, Base):
    """A person's word that a figure the platform filled in is wrong."""

    __tablename__ = "figure_disputes"
    __table_args__ = (
        CheckConstraint(f"state in ({_DISPUTES})", name="state"),
        CheckConstraint("(state = 'raised') = (ended_at is null)", name="ended"),
        Index("uq_figure_disputes_open", "member_id", "leaf", unique=True, postgresql_where="state = 'raised'"),
        Index("ix_figure_disputes_school_cycle_id_id", "school_cycle_id", "id"),
    )

    school_cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_cycles.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cycle_members.id"))
    staff_key: Mapped[str] = mapped_column(Code)
    leaf: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=DisputeState.RAISED)
    shown_value: Mapped[str | None] = mapped_column(Text)
    claimed_value: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    decided_value: Mapped[str | None] = mapped_column(Text)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
