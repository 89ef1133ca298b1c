"""Annual evaluations: the city's definition, each school's own, and the people it holds."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.cycles.rules import CycleState, SchoolState
from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned

_CYCLES = ",".join(f"'{state}'" for state in CycleState)
_SCHOOLS = ",".join(f"'{state}'" for state in SchoolState)


class Cycle(Identified, Versioned, OrgShared, Base):
    """One year's evaluation of an area's staff; figures rest on ``definition`` and the frozen document of the scheme."""

    __tablename__ = "cycles"
    __table_args__ = (
        CheckConstraint(f"state in ({_CYCLES})", name="state"),
        Index("ix_cycles_org_path_code", "org_path", "code"),
    )

    code: Mapped[str] = mapped_column(Code, unique=True)
    school_year: Mapped[str] = mapped_column(Text)
    # The day whose weights and rules count.
    as_of: Mapped[dt.date]
    state: Mapped[str] = mapped_column(Text, default=CycleState.DRAFT)
    definition: Mapped[dict[str, Any]]
    scheme_code: Mapped[str] = mapped_column(Code)
    scheme_document: Mapped[str] = mapped_column(Text)
    scheme_sha256: Mapped[str] = mapped_column(Code)
    # Figures from the platform as last filled in: {"values", "errors": SHA-256, "origins", "unfilled"}.
    filled: Mapped[dict[str, Any] | None]
    created_by: Mapped[str] = mapped_column(Text)


class SchoolCycle(Identified, Versioned, OrgScoped, Base):
    """A school's evaluation of its own staff in a cycle."""

    __tablename__ = "school_cycles"
    __table_args__ = (
        CheckConstraint(f"state in ({_SCHOOLS})", name="state"),
        Index("uq_school_cycles_cycle_id_school_code", "cycle_id", "school_code", unique=True),
        Index("ix_school_cycles_cycle_id_org_path", "cycle_id", "org_path"),
    )

    cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cycles.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    name_zh: Mapped[str] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(Text, default=SchoolState.DRAFT)
    state_reason: Mapped[str | None] = mapped_column(Text)
    # Gates that were passed although somebody was missing: [{"step", "reason", what: how many}].
    accepted: Mapped[list[Any]] = mapped_column(default=list)
    publicity_ends_at: Mapped[dt.datetime | None]
    confirmed_at: Mapped[dt.datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(Text)
    # {"number", "filed_at", "filed_by_org", "sha256", "version"}.
    receipt: Mapped[dict[str, Any] | None]


class Member(Identified, Versioned, OrgScoped, Base):
    """Somebody a school evaluates, as the roster knew them when the cycle was opened."""

    __tablename__ = "cycle_members"
    __table_args__ = (
        Index("uq_cycle_members_cycle_id_staff_key", "cycle_id", "staff_key", unique=True),
        Index("ix_cycle_members_school_cycle_id_staff_key", "school_cycle_id", "staff_key"),
        CheckConstraint("staff_key ~ '^[a-z2-7]{26}$'", name="staff_key"),
    )

    cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cycles.id"))
    school_cycle_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("school_cycles.id"))
    school_code: Mapped[str] = mapped_column(Code)
    staff_key: Mapped[str] = mapped_column(Code)
    name: Mapped[str] = mapped_column(Text)
    post: Mapped[str | None] = mapped_column(Code)
    professional_title: Mapped[str | None] = mapped_column(Code)
    track: Mapped[str] = mapped_column(Text)
    # Those whose totals are compared: teachers of a stage, leaders, a subject group.
    group: Mapped[str] = mapped_column(Text)
    # Code of shared/policy/annual_assessment.yaml; null where the person is graded.
    ungraded: Mapped[str | None] = mapped_column(Text)
    change_reason: Mapped[str | None] = mapped_column(Text)
    removed_at: Mapped[dt.datetime | None]
    # How many values the person enters by hand: their burden.
    asked_count: Mapped[int] = mapped_column(default=0, server_default="0")
    # Steps of the track: {"submitted" | "material_reviewed" | "material_shown": moment}.
    done: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # The report of duties (述职) of those whose track has one.
    statement: Mapped[str | None] = mapped_column(Text)
    figures_confirmed_at: Mapped[dt.datetime | None]
    # As printed in the newest version of the school's results, and as decided last.
    total: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    grade: Mapped[str | None] = mapped_column(Text)
