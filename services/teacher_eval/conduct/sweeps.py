"""What happens by itself: decisions take effect when nothing can be said against them, expire by the day, and are erased."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.conduct import repository
from services.teacher_eval.conduct.rules import (
    WITH_EFFECT,
    CaseState,
    effects_of,
    imposed_from,
    last_day,
    stored_effect,
)
from services.teacher_eval.conduct.service.keeping import move
from services.teacher_eval.conduct.tables import ConductAppeal, ConductCase
from services.teacher_eval.titles.ending import end_for_conduct
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep
from shared.kits.appeals.repository import open_appeal_counts
from shared.kits.platform import platform_actor
from shared.policy.conduct import erased_on, handlings
from shared.terms.actor import Actor

SUBJECT = "conduct_decision"


async def let_take_effect(session: AsyncSession, actor: Actor) -> int:
    """Puts decisions into effect whose days for a review are over and against which no appeal is open; returns how many."""
    rows = await repository.decided_before(session, actor, clock.now())
    keys = [str(row.id) for row in rows]
    appealed = await open_appeal_counts(session, ConductAppeal, actor, SUBJECT, keys) if keys else {}
    due = [row for row in rows if not appealed.get(str(row.id))]
    for row in due:
        imposed, today = imposed_from(row.imposed), clock.today()
        effects = effects_of(imposed, decided_on=row.decided_on or today, effective_on=today)
        row.effective_on, row.last_on = today, last_day(effects)
        row.effects = [stored_effect(effect) for effect in effects]
        body = "救济期满，处理决定生效 / the time for a review is over; the decision takes effect"
        await move(session, row, "take_effect", body=body, document=row.document_number, actor=actor)
        if any(handlings()[each.handling].fails_ethics for each in imposed):
            document = row.document_number or str(row.id)
            await end_for_conduct(session, {row.staff_key}, on=today, document=document, actor=actor)
    return len(due)


async def let_expire(session: AsyncSession, actor: Actor) -> int:
    """Ends what has run its time; returns how many."""
    rows = await repository.in_effect_before(session, actor, clock.today())
    for row in rows:
        await move(session, row, "expire", body="影响期届满 / the period is over", actor=actor)
        row.ended_on = row.last_on
    return len(rows)


async def let_be_forgotten(session: AsyncSession, actor: Actor) -> int:
    """Erases the words of cases kept long enough: what remains are dates, rules and document; returns how many."""
    today, count = clock.today(), 0
    for row in await repository.not_erased(session, actor, today):
        if row.ended_on is None or today < erased_on(row.ended_on, is_confirmed=_is_confirmed(row)):
            continue
        row.facts, row.statement, row.decision = None, None, None
        row.erased_at, row.version = clock.now(), row.version + 1
        await repository.erase_words(session, actor, row, clock.now())
        note(session, actor, "conduct_case.erased", str(row.id), {"state": row.state})
        count += 1
    return count


def _is_confirmed(row: ConductCase) -> bool:
    return CaseState(row.state) in WITH_EFFECT


async def _run(kernel: Kernel) -> int:
    actor, count = platform_actor(kernel.service), 0
    for each in (let_take_effect, let_expire, let_be_forgotten):
        async with kernel.database.transaction("") as session:
            count += await each(session, actor)
    return count


CONDUCT_SWEEP = KernelSweep("conduct_cases", _run)
