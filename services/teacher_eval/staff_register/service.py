"""Asking for the register to be brought up to date, and noting who reads names from it."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.audit.log import note
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor

REFRESH_JOB = "refresh_staff_register"


async def ask_refresh(session: AsyncSession, actor: Actor) -> Job:
    """Asks for the staff of the actor's organization to be read from the roster."""
    return await enqueue(session, actor, REFRESH_JOB, args={"area": actor.org}, org_path=actor.org, lock=REFRESH_JOB)


def note_names_read(session: AsyncSession, actor: Actor, what: str, count: int) -> None:
    """Notes that names of staff were read."""
    if count:
        note(session, actor, "staff.names_read", what, {"count": count})
