"""A job as the API shows it; procrastinate's own tables carry only the wake-up call."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.kernel.database.base import Identified, KernelBase, OrgScoped, Versioned


class JobState(StrEnum):
    """States of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL_STATES = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


class Job(Identified, Versioned, OrgScoped, KernelBase):
    """Background work: asked for in one transaction with the data it concerns, run at least once, effective once."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state in ('queued','running','succeeded','failed','cancelled')", name="state"),
        Index("ix_jobs_open", "created_at", postgresql_where="state in ('queued','running')"),
        Index("ix_jobs_org_path_created_at", "org_path", "created_at"),
    )

    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default=JobState.QUEUED)
    args: Mapped[dict[str, Any]]
    created_by: Mapped[str] = mapped_column(Text)
    progress_done: Mapped[int] = mapped_column(default=0)
    progress_total: Mapped[int] = mapped_column(default=0)
    step: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None]
    problem: Mapped[dict[str, Any] | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fencing_token: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
