"""Asking for results to be computed: of a school, a county or the city, or of one school after a ruling."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.repository import cycle_by_code
from services.teacher_eval.cycles.tables import Cycle
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor

COMPUTE_JOB = "compute_cycle"


async def ask_for_area(session: AsyncSession, *, code: str, actor: Actor) -> Job:
    """Asks for every school at or below the actor's organization that is being assessed."""
    cycle = await cycle_by_code(session, actor, code)
    below = actor.org if actor.org.startswith(cycle.org_path) else cycle.org_path
    return await ask_computation(session, cycle=cycle, below=below, actor=actor)


async def ask_computation(
    session: AsyncSession, *, cycle: Cycle, below: str, actor: Actor, appeal_id: uuid.UUID | None = None
) -> Job:
    """Asks for results at or below an organization, or of one school anew after a ruling."""
    args = {
        "cycle_id": str(cycle.id),
        "cycle": cycle.code,
        "below": below,
        "appeal_id": None if appeal_id is None else str(appeal_id),
    }
    return await enqueue(session, actor, COMPUTE_JOB, args=args, org_path=below, lock=f"cycle-{cycle.id}")
