"""Asking for the runs of every school of a county."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.pay_pools.repository import pool_by_code
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel, path_level

COMPUTE_JOB = "compute_pay_runs"


async def ask_runs(session: AsyncSession, *, code: str, actor: Actor) -> Job:
    """Asks for the runs of all schools that a county's pool was distributed to; raises ``pay_pool.not_of_a_county``."""
    pool = await pool_by_code(session, actor, code)
    if path_level(pool.org_path) is not OrgLevel.COUNTY:
        raise DomainError("pay_pool.not_of_a_county", params={"pool": code})
    args = {"pool": code}
    return await enqueue(session, actor, COMPUTE_JOB, args=args, org_path=pool.org_path, lock=f"pay-runs-{pool.id}")
