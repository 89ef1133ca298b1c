"""Asking for the people of a pool to be taken from the roster."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_members.service.members import require_open
from services.teacher_eval.pay_pools.repository import pool_for_update
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor

TAKE_MEMBERS_JOB = "take_pay_members"


async def ask_members(session: AsyncSession, *, code: str, categories: list[str] | None, actor: Actor) -> Job:
    """Asks for the people of a pool to be taken from the roster."""
    pool = await pool_for_update(session, actor, code)
    require_open(pool)
    args = {"pool": code, "categories": categories}
    return await enqueue(
        session, actor, TAKE_MEMBERS_JOB, args=args, org_path=pool.org_path, lock=f"pay-members-{pool.id}"
    )
