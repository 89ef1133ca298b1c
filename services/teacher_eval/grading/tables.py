"""Decisions on annual grades, and on how many may be excellent: added, never changed."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Numeric, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.grading.rules import Note
from shared.kernel.database.base import Code, OrgScoped
from shared.policy.annual_assessment import AnnualGrade

_GRADES = ",".join(f"'{grade}'" for grade in AnnualGrade)
_NOTES = ",".join(f"'{note}'" for note in Note)


class GradeDecision(OrgScoped, Base):
    """A person's grade as somebody decided it; the last decision counts. Never changed, by a trigger of the database."""

    __tablename__ = "grade_decisions"
    __table_args__ = (
        CheckConstraint(f"grade in ({_GRADES})", name="grade"),
        CheckConstraint(f"note in ({_NOTES})", name="note"),
        Index("ix_grade_decisions_member_id_seq", "member_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cycle_members.id"))
    grade: Mapped[str] = mapped_column(Text)
    # What was proposed then, and what was told beside it.
    proposed: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    total: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_results.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    appeal_id: Mapped[uuid.UUID | None]
    author_org: Mapped[str] = mapped_column(Code)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class QuotaDecision(OrgScoped, Base):
    """A raised share that was approved for a school, or the number its county allotted; the last one counts."""

    __tablename__ = "quota_decisions"
    __table_args__ = (
        CheckConstraint("(rate is null) <> (seats is null)", name="one"),
        CheckConstraint("rate is null or (rate >= 0 and rate <= 1)", name="rate"),
        CheckConstraint("seats is null or seats >= 0", name="seats"),
        Index("ix_quota_decisions_school_cycle_id_seq", "school_cycle_id", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    school_cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_cycles.id"))
    rate: Mapped[Decimal | None] = mapped_column(Numeric(6, 4))
    seats: Mapped[int | None]
    document: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
