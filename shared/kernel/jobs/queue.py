"""Asking for background work, in the same transaction as the data it concerns."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor

QUEUE = "jobs"
TASK = "run_job"

_DEFER = text(
    "select procrastinate_defer_jobs_v1(array[row("
    "cast(:queue as varchar), cast(:task as varchar), 0, cast(:lock as text), null, cast(:args as jsonb), null"
    ")::procrastinate_job_to_defer_v1])"
)


async def enqueue(
    session: AsyncSession, actor: Actor, kind: str, *, args: Mapping[str, Any], org_path: str, lock: str | None = None
) -> Job:
    """Asks for a job of ``kind``; if the transaction rolls back, nothing was asked.

    Args:
        session: the transaction of the request.
        actor: who asks.
        kind: name of a :class:`~shared.kernel.jobs.worker.JobKind` of this service.
        args: JSON arguments; identifiers, never personal data.
        org_path: organization that may see the job.
        lock: jobs with the same lock run one after another, in the order asked.
    """
    job = Job(kind=kind, args=dict(args), org_path=org_path, created_by=actor.subject)
    session.add(job)
    await session.flush()
    await session.refresh(job)
    await session.execute(
        _DEFER,
        {"queue": QUEUE, "task": TASK, "lock": lock or str(uuid.uuid4()), "args": json.dumps({"id": str(job.id)})},
    )
    return job
