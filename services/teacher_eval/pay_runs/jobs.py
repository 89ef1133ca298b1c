"""Every school of a county's pool at once: each by its own filed plan, each in a transaction of its own."""

from __future__ import annotations

from typing import Any

from services.teacher_eval.pay_plans.repository import payable_plan
from services.teacher_eval.pay_pools.repository import pool_by_code, pool_for_update, pools_of
from services.teacher_eval.pay_runs.service.asking import COMPUTE_JOB
from services.teacher_eval.pay_runs.service.computing import compute_run
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.terms.errors import DomainError
from shared.terms.organization import path_segments


async def compute_runs(context: JobContext) -> None:
    """Computes every school; one that cannot be computed is told with its reason and holds up nobody."""
    async with context.commit() as session:
        county = await pool_by_code(session, context.actor, context.args["pool"])
        statement = pools_of(context.actor, source=county.id)
        pools = sorted((row.code, row.org_path) for row in (await session.scalars(statement)).all())
    computed, refused = [], []
    for done, (code, path) in enumerate(pools):
        await context.progress(done, len(pools), "schools")
        school = path_segments(path)[3]
        try:
            async with context.commit() as session:
                pool = await pool_for_update(session, context.actor, code)
                plan = await payable_plan(session, context.actor, path, pool.kind)
                if plan is None:
                    raise DomainError("pay_plan.not_filed", params={"state": "-"})
                store = context.kernel.columns
                run = await compute_run(session, pool=pool, plan=plan, store=store, actor=context.actor)
                computed.append({"school": school, "pool": code, "run": str(run.id), "paid_fen": run.paid_fen})
        except DomainError as refusal:
            codes = [fault.code for fault in refusal.faults]
            refused.append({"school": school, "pool": code, "code": refusal.code, "faults": codes})
    result: dict[str, Any] = {"pool": context.args["pool"], "computed": computed, "refused": refused}
    async with context.final(result):
        pass


COMPUTE_PAY_RUNS = JobKind(COMPUTE_JOB, compute_runs)
