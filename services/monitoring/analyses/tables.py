"""Runs of the analysis: their frozen inputs and the files they produced."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from services.monitoring.database import Base
from shared.kernel.database.base import Identified, OrgScoped


class Analysis(Identified, OrgScoped, Base):
    """One run: what it was given is fixed when it is asked for, so running it again gives the same bytes."""

    __tablename__ = "analyses"
    __table_args__ = (
        CheckConstraint("state in ('queued','finished')", name="state"),
        UniqueConstraint("exam_id", "number"),
    )

    exam_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("exams.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Text, default="queued")
    job_id: Mapped[uuid.UUID | None]
    # {"definition": ..., "roster_sha256": ..., "sheets": [{"school_code", "county_code", "sha256", "rows"}, ...]}
    inputs: Mapped[dict[str, Any]]
    inputs_sha256: Mapped[str] = mapped_column(Text)
    # {frame name: {"sha256", "rows", "size", "columns": {name: type}}}
    frames: Mapped[dict[str, Any] | None]
    # {task code: {"key": hash of what its frames follow from, "frames": {frame name: as above}}}: taken over by later runs.
    tasks: Mapped[dict[str, Any] | None]
    # [{"id", "version", "section"}, ...]
    methods: Mapped[list[Any] | None]
    # {"schools", "classes", "candidates", "statuses": {subject: {status: candidates}}}
    counts: Mapped[dict[str, Any] | None]
    # Versions of the libraries that computed and wrote the figures: other versions may round or pack bytes otherwise.
    software: Mapped[dict[str, Any] | None]
    asked_by: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
