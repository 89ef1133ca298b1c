"""Visit plans, their draws, the schools drawn, and the schools there are."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.school_eval.database import Base
from services.school_eval.visit_plans.rules import PlanState, Role, Stratum
from shared.kernel.database.base import Code, Identified, OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in PlanState)
_ROLES = ",".join(f"'{role}'" for role in Role)
_STRATA = ",".join(f"'{stratum}'" for stratum in Stratum)


class VisitPlan(Identified, Versioned, OrgScoped, Base):
    """Which schools an office visits in a year or semester.

    It belongs to the office and is shared with nobody below: a county that read the city's plan could warn its schools.
    """

    __tablename__ = "visit_plans"
    __table_args__ = (
        UniqueConstraint("org_path", "code"),
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("semester in (1, 2)", name="semester"),
        CheckConstraint("state = 'designed' or frame_hash is not null", name="frame_before_draw"),
    )

    code: Mapped[str] = mapped_column(Code)
    school_year: Mapped[str] = mapped_column(Text)
    semester: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text, default=PlanState.DESIGNED)
    # A :class:`~services.school_eval.visit_plans.schemas.VisitPlanIn` without the above.
    design: Mapped[dict[str, Any]]
    # [{"code", "number", "sha256"}], fixed by the draw: all schools of a plan are held against the same words.
    checklists: Mapped[list[Any]]
    frame_sha256: Mapped[str | None] = mapped_column(Code)
    frame_hash: Mapped[str | None] = mapped_column(Code)
    school_count: Mapped[int | None]
    frame_closed_at: Mapped[dt.datetime | None]
    frame_closed_by: Mapped[str | None] = mapped_column(Text)


class VisitDraw(OrgScoped, Base):
    """The one draw of a plan; never changed and never repeated, by its key and a trigger of the database."""

    __tablename__ = "visit_draws"

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visit_plans.id"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger)
    frame_hash: Mapped[str] = mapped_column(Code)
    # Stratum → schools to draw.
    numbers: Mapped[dict[str, Any]]
    double_rated_rate: Mapped[str] = mapped_column(Text)
    generator: Mapped[str] = mapped_column(Text)
    witnessed_by: Mapped[str] = mapped_column(Text)
    drawn_by: Mapped[str] = mapped_column(Text)
    drawn_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class PlannedSchool(Identified, Versioned, OrgScoped, Base):
    """A school of a drawn plan, or in its reserve; it belongs to the office that drew it."""

    __tablename__ = "planned_schools"
    __table_args__ = (
        UniqueConstraint("plan_id", "school_code"),
        CheckConstraint(f"role in ({_ROLES})", name="role"),
        CheckConstraint(f"stratum in ({_STRATA})", name="stratum"),
        CheckConstraint("(role = 'replaced') = (replaced_reason is not null)", name="replaced_with_reason"),
        Index("ix_planned_schools_plan_id_role", "plan_id", "role"),
    )

    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("visit_plans.id"))
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    school_name_zh: Mapped[str] = mapped_column(Text)
    stratum: Mapped[str] = mapped_column(Text)
    is_rural: Mapped[bool]
    is_city_run: Mapped[bool]
    probability: Mapped[float]
    role: Mapped[str] = mapped_column(Text)
    reserve_order: Mapped[int | None]
    is_double_rated: Mapped[bool]
    replaced_by: Mapped[str | None] = mapped_column(Code)
    replaced_reason: Mapped[str | None] = mapped_column(Text)
    replaced_at: Mapped[dt.datetime | None]


class RegisteredSchool(OrgScoped, Base):
    """A school as the roster had it when a frame was closed last: what coverage is held against."""

    __tablename__ = "registered_schools"

    school_code: Mapped[str] = mapped_column(Code, primary_key=True)
    county_code: Mapped[str] = mapped_column(Code, index=True)
    name_zh: Mapped[str] = mapped_column(Text)
    is_rural: Mapped[bool]
    is_city_run: Mapped[bool]
    is_closed: Mapped[bool]
    read_at: Mapped[dt.datetime]
