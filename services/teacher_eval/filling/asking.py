"""Asking for a cycle's figures to be filled in, and until when that is possible."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.repository import cycle_for_update, state_counts
from services.teacher_eval.cycles.rules import CycleState, SchoolState
from services.teacher_eval.cycles.tables import Cycle
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

FILL_JOB = "fill_cycle"
#: While every school is here, figures may still come in anew.
_OPEN = frozenset({SchoolState.DRAFT, SchoolState.OPENED, SchoolState.SELF_EVALUATION})


async def ask_filling(session: AsyncSession, *, code: str, actor: Actor) -> Job:
    """Asks for the figures of a cycle to be filled in; raises ``cycle.filling_closed``."""
    row = await cycle_for_update(session, actor, code)
    await require_open(session, row, actor)
    args = {"cycle_id": str(row.id), "cycle": row.code}
    return await enqueue(session, actor, FILL_JOB, args=args, org_path=row.org_path, lock=f"cycle-{row.id}")


async def require_open(session: AsyncSession, row: Cycle, actor: Actor) -> None:
    """Figures change until the first school lets others judge: then they are what everybody was shown."""
    if row.state != CycleState.OPENED:
        raise DomainError("cycle.filling_closed", params={"state": row.state})
    counts = await state_counts(session, actor, row.id)
    beyond = sum(count for state, count in counts.items() if state not in _OPEN)
    if beyond:
        raise DomainError("cycle.filling_closed", params={"state": f"{beyond} 所学校已进入测评 / schools are beyond"})
