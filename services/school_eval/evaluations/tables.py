"""One school's evaluation in one campaign: values with their whole history, disputes, and who was asked to enter what."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from services.school_eval.evaluations.rules import Action, DisputeState, EvaluationState, Judge
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in EvaluationState)
_JUDGES = ",".join(f"'{judge}'" for judge in Judge)
_ACTIONS = ",".join(f"'{action}'" for action in Action)
_DISPUTES = ",".join(f"'{state}'" for state in DisputeState)


class SchoolEvaluation(Identified, Versioned, OrgScoped, Base):
    """A school that a campaign evaluates, as the roster knew it when the campaign was opened."""

    __tablename__ = "evaluations"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        Index("uq_evaluations_campaign_id_school_code", "campaign_id", "school_code", unique=True),
        Index("ix_evaluations_campaign_id_org_path", "campaign_id", "org_path"),
    )

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    name_zh: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(Text, default=EvaluationState.OPEN)
    state_reason: Mapped[str | None] = mapped_column(Text)
    is_drawn: Mapped[bool] = mapped_column(default=False, server_default="false")
    # How many values the school enters by hand: its burden.
    asked_count: Mapped[int] = mapped_column(default=0, server_default="0")
    figures_confirmed_at: Mapped[dt.datetime | None]
    figures_confirmed_by: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[dt.datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    verified_at: Mapped[dt.datetime | None]
    verified_by: Mapped[str | None] = mapped_column(Text)


class LeafValue(OrgScoped, Base):
    """The value of a leaf that counts now: the last word spoken on it."""

    __tablename__ = "leaf_values"
    __table_args__ = (CheckConstraint(f"judge in ({_JUDGES})", name="judge"),)

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    leaf: Mapped[str] = mapped_column(Code, primary_key=True)
    # As text, exact; null where it is stated that there is none.
    value: Mapped[str | None] = mapped_column(Text)
    judge: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    # Of the school's own value, kept beside what county or city made of it.
    school_value: Mapped[str | None] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime]


class LeafEntry(OrgScoped, Base):
    """Everything ever said on a value, in order; never changed, by a trigger of the database."""

    __tablename__ = "leaf_entries"
    __table_args__ = (
        CheckConstraint(f"judge in ({_JUDGES})", name="judge"),
        CheckConstraint(f"action in ({_ACTIONS})", name="action"),
        Index("ix_leaf_entries_evaluation_id_leaf_seq", "evaluation_id", "leaf", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"))
    leaf: Mapped[str] = mapped_column(Code)
    value: Mapped[str | None] = mapped_column(Text)
    judge: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    author_org: Mapped[str] = mapped_column(Code)
    set_by: Mapped[str] = mapped_column(Text)
    set_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Delegation(Identified, OrgScoped, Base):
    """A node of the scheme handed to an account of the school."""

    __tablename__ = "delegations"
    __table_args__ = (
        Index(
            "uq_delegations_active",
            "evaluation_id",
            "node",
            "account",
            unique=True,
            postgresql_where="ended_at is null",
        ),
    )

    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"))
    node: Mapped[str] = mapped_column(Code)
    account: Mapped[str] = mapped_column(Code)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)


class Dispute(Identified, OrgScoped, Base):
    """A school's objection to a figure that was prefilled."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(f"state in ({_DISPUTES})", name="state"),
        CheckConstraint("(state = 'raised') = (ended_at is null)", name="ended"),
        Index("uq_disputes_open", "evaluation_id", "leaf", unique=True, postgresql_where="state = 'raised'"),
        Index("ix_disputes_campaign_id_org_path", "campaign_id", "org_path"),
    )

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    evaluation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("evaluations.id"))
    school_code: Mapped[str] = mapped_column(Code)
    leaf: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=DisputeState.RAISED)
    # What was shown, and what the school says it should be.
    shown_value: Mapped[str | None] = mapped_column(Text)
    claimed_value: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    raised_by: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    decided_value: Mapped[str | None] = mapped_column(Text)
    decision_reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text)
