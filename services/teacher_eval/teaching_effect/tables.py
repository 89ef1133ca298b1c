"""Computations of the effect of teaching, and what each came to for every teacher; both final."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.teacher_eval.database import Base
from shared.kernel.database.base import Code, Identified, OrgScoped, OrgShared


class TeachingEffectRun(Identified, OrgShared, Base):
    """One computation: from which published versions and which frozen links, under which parameters."""

    __tablename__ = "teaching_effect_runs"
    __table_args__ = (UniqueConstraint("org_path", "school_year", "number"),)

    school_year: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    definition: Mapped[dict[str, Any]]
    # Exams with versions and manifests, a hash over what schools have frozen.
    origin: Mapped[dict[str, Any]]
    composition: Mapped[list[Any]]
    # The middle half by subjects taught.
    bands: Mapped[dict[str, Any]]
    teacher_count: Mapped[int]
    effects_sha256: Mapped[str] = mapped_column(Code)
    computed_by: Mapped[str] = mapped_column(Text)
    computed_at: Mapped[dt.datetime]


class TeachingEffect(Identified, OrgScoped, Base):
    """What a computation says of one teacher, on the T scale; empty where too few pupils stand behind it."""

    __tablename__ = "teaching_effects"
    __table_args__ = (
        UniqueConstraint("run_id", "staff_key"),
        CheckConstraint("label in ('above','as_expected','below','not_classifiable')", name="label"),
        Index("ix_teaching_effects_staff_key", "staff_key"),
        Index("ix_teaching_effects_org_path_id", "org_path", "id"),
    )

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teaching_effect_runs.id"))
    staff_key: Mapped[str] = mapped_column(Code)
    # Codes of the subjects taught, joined by "+".
    subjects: Mapped[str] = mapped_column(Code)
    classes: Mapped[int]
    # Pupils taught, by share and part of the year.
    n: Mapped[float]
    value: Mapped[float | None]
    value_se: Mapped[float | None]
    effect: Mapped[float | None]
    se: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    reliability: Mapped[float | None]
    # What their classes' intake lets expect, T.
    expected: Mapped[float | None]
    label: Mapped[str] = mapped_column(Text)
