"""Filling a cycle's leaves from what is known already, as a job: every provider is asked, the figures frozen by hash."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.documents import scheme_of
from services.teacher_eval.cycles.repository import cycle_by_id, member_frame
from services.teacher_eval.cycles.service import keep_cycle
from services.teacher_eval.cycles.tables import Cycle
from services.teacher_eval.filling import providers
from services.teacher_eval.filling.asking import FILL_JOB, require_open
from services.teacher_eval.filling.filled import Wanted
from services.teacher_eval.filling.gathering import gather, store_gathered
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind


async def run(context: JobContext) -> None:
    """Asks every source, stores the figures and names them in the cycle."""
    cycle_id = uuid.UUID(context.args["cycle_id"])
    await context.progress(0, 2, "gathering")
    async with context.commit() as session:
        row = await cycle_by_id(session, cycle_id)
        await require_open(session, row, context.actor)
        wanted = await _wanted(session, row)
        asked = [kind(session, context.actor) for kind in providers.PROVIDERS]
        found = await gather(await scheme_of(row), wanted, asked)
    await context.progress(1, 2, "storing")
    kept = await store_gathered(found, context.kernel.columns)
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        row = await cycle_by_id(session, cycle_id)
        await require_open(session, row, context.actor)
        row.filled = kept
        detail = {"values": kept["values"], "leaves": len(found.origins), "unfilled": len(found.unfilled)}
        await keep_cycle(session, row, "filled", actor=context.actor, detail=detail)
        result |= {"cycle": row.code, **detail}


async def _wanted(session: AsyncSession, row: Cycle) -> Wanted:
    members = await member_frame(session, row.id, below=row.org_path)
    return Wanted(
        school_year=row.school_year,
        first_day=dt.date.fromisoformat(row.definition["first_day"]),
        last_day=dt.date.fromisoformat(row.definition["last_day"]),
        staff=members.select("staff_key", "school_code", "org_path"),
        area=row.org_path,
    )


FILL_CYCLE = JobKind(FILL_JOB, run)
