"""Samples of exams: the design, the frame as it was closed, the draw."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from services.monitoring.samples.rules import SampleState
from shared.kernel.database.base import OrgScoped, Versioned

_STATES = ",".join(f"'{state}'" for state in SampleState)


class Sample(Versioned, OrgScoped, Base):
    """The sample of one exam.

    It belongs to the office that holds the exam and is shared with nobody below: a school that could read it, or only the
    seed, would know which others were drawn.
    """

    __tablename__ = "exam_samples"
    __table_args__ = (
        CheckConstraint(f"state in ({_STATES})", name="state"),
        CheckConstraint("state = 'designed' or frame_hash is not null", name="frame_before_draw"),
        CheckConstraint("(state = 'drawn') = (seed is not null)", name="seed_with_draw"),
        CheckConstraint("drawn_at is null or drawn_at >= frame_closed_at", name="seed_after_frame"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(Text, default=SampleState.DESIGNED)
    # A :class:`~services.monitoring.samples.schemas.SampleDesignIn`.
    design: Mapped[dict[str, Any]]
    # Schools and their sizes as last read, before the frame is closed: what previews are made of.
    sizes_sha256: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[uuid.UUID | None]
    # The closed frame: files of the columnar store, and fingerprints that anybody can compute anew.
    schools_sha256: Mapped[str | None] = mapped_column(Text)
    roster_sha256: Mapped[str | None] = mapped_column(Text)
    frame_hash: Mapped[str | None] = mapped_column(Text)
    roster_hash: Mapped[str | None] = mapped_column(Text)
    school_count: Mapped[int | None]
    pupil_count: Mapped[int | None]
    grade_level: Mapped[int | None] = mapped_column(SmallInteger)
    school_year: Mapped[str | None] = mapped_column(Text)
    frame_closed_at: Mapped[dt.datetime | None]
    frame_closed_by: Mapped[str | None] = mapped_column(Text)
    seed: Mapped[int | None] = mapped_column(BigInteger)
    witnessed_by: Mapped[str | None] = mapped_column(Text)
    # Draws of schools and of pupils as JSON, in files of the columnar store.
    draw_sha256: Mapped[str | None] = mapped_column(Text)
    pupils_sha256: Mapped[str | None] = mapped_column(Text)
    drawn_at: Mapped[dt.datetime | None]
    drawn_by: Mapped[str | None] = mapped_column(Text)
    # [{"school_code", "replacement", "reason", "at", "by"}, ...] in the order they were made.
    replacements: Mapped[list[Any]] = mapped_column(default=list)
