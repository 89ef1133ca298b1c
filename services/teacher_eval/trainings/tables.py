"""Training programs, who is in them, what they rated, and every training that was completed."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from services.teacher_eval.trainings.rules import Direction, EnrollmentState, Focus, ProgramState, TrainingLevel
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared, Versioned


def _one_of(column: str, values: type) -> str:
    listed = ",".join(f"'{value}'" for value in values)  # type: ignore[attr-defined]
    return f"{column} in ({listed})"


class TrainingProgram(Identified, Versioned, OrgShared, Base):
    """A training that an office or a school runs, or sends people to."""

    __tablename__ = "training_programs"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(_one_of("level", TrainingLevel), name="level"),
        CheckConstraint(_one_of("direction", Direction), name="direction"),
        CheckConstraint(_one_of("focus", Focus), name="focus"),
        CheckConstraint(_one_of("state", ProgramState), name="state"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("hours > 0 and budget_fen >= 0", name="amounts"),
        Index("ix_training_programs_org_path_starts_on", "org_path", "starts_on"),
    )

    code: Mapped[str] = mapped_column(Code)
    level: Mapped[str] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)
    focus: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date]
    hours: Mapped[Decimal] = mapped_column(Numeric(7, 1))
    seats: Mapped[int | None]
    budget_source: Mapped[str] = mapped_column(Text)
    budget_fen: Mapped[int]
    least_attendance_rate: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    # The rung it is meant for, where it is part of a ladder.
    ladder: Mapped[str | None] = mapped_column(Code)
    rung: Mapped[str | None] = mapped_column(Code)
    document: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=ProgramState.PLANNED)


class TrainingEnrollment(Identified, Versioned, OrgScoped, Base):
    """Somebody in a program; it belongs to the school the person was at when enrolled."""

    __tablename__ = "training_enrollments"
    __table_args__ = (
        UniqueConstraint("program_id", "staff_key"),
        CheckConstraint(_one_of("state", EnrollmentState), name="state"),
        CheckConstraint("hours_attended >= 0", name="hours_attended"),
        Index("ix_training_enrollments_staff_key", "staff_key"),
        Index("ix_training_enrollments_org_path_id", "org_path", "id"),
    )

    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("training_programs.id"))
    staff_key: Mapped[str] = mapped_column(Code)
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    state: Mapped[str] = mapped_column(Text, default=EnrollmentState.ENROLLED)
    hours_attended: Mapped[Decimal] = mapped_column(Numeric(7, 1))
    completed_on: Mapped[dt.date | None]
    # That somebody rated is known, to be counted once; what they said is not kept with it.
    has_rated: Mapped[bool]


class TrainingRating(Identified, OrgScoped, Base):
    """What one participant said, without who: its id says no time, and nothing names the person."""

    __tablename__ = "training_ratings"
    __table_args__ = (
        CheckConstraint(
            "content between 1 and 5 and teaching between 1 and 5 and organization between 1 and 5 "
            "and usefulness between 1 and 5",
            name="points",
        ),
        Index("ix_training_ratings_program_id", "program_id"),
    )

    program_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("training_programs.id"))
    content: Mapped[int] = mapped_column(SmallInteger)
    teaching: Mapped[int] = mapped_column(SmallInteger)
    organization: Mapped[int] = mapped_column(SmallInteger)
    usefulness: Mapped[int] = mapped_column(SmallInteger)


class TrainingRecord(Identified, Versioned, OrgScoped, Base):
    """A training somebody completed: out of a program here, or out of a file of another system."""

    __tablename__ = "training_records"
    __table_args__ = (
        UniqueConstraint("staff_key", "source", "record_code"),
        CheckConstraint(_one_of("level", TrainingLevel), name="level"),
        CheckConstraint("hours > 0", name="hours"),
        Index("ix_training_records_staff_key_completed_on", "staff_key", "completed_on"),
        Index("ix_training_records_org_path_id", "org_path", "id"),
    )

    staff_key: Mapped[str] = mapped_column(Code)
    # "program" or the name of the system that the file came from.
    source: Mapped[str] = mapped_column(Code)
    record_code: Mapped[str] = mapped_column(Code)
    title: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    hours: Mapped[Decimal] = mapped_column(Numeric(7, 1))
    completed_on: Mapped[dt.date]
    file_sha256: Mapped[str | None] = mapped_column(Code)
    voided_at: Mapped[dt.datetime | None]
    voided_reason: Mapped[str | None] = mapped_column(Text)


class TrainingTotal(OrgScoped, Base):
    """Hours of a person in a period, kept so that boards need not add up every record."""

    __tablename__ = "training_totals"
    __table_args__ = (Index("ix_training_totals_org_path_first_year", "org_path", "first_year"),)

    staff_key: Mapped[str] = mapped_column(Code, primary_key=True)
    first_year: Mapped[int] = mapped_column(primary_key=True)
    school_code: Mapped[str] = mapped_column(Code)
    county_code: Mapped[str] = mapped_column(Code)
    stages: Mapped[str] = mapped_column(Code)
    is_rural: Mapped[bool | None]
    hours: Mapped[Decimal] = mapped_column(Numeric(7, 1))
    # Hours by level of the training.
    by_level: Mapped[dict[str, Any]]
