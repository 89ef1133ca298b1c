"""Titles that end by themselves: the term is over, or a confirmed violation of conduct takes effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.titles import repository
from services.teacher_eval.titles.rules import EndReason
from services.teacher_eval.titles.service.moving import move
from services.teacher_eval.titles.tables import Title
from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep
from shared.kits.platform import platform_actor
from shared.terms.actor import Actor


async def end_for_conduct(
    session: AsyncSession, staff_keys: Collection[str], *, on: dt.date, document: str, actor: Actor
) -> int:
    """Ends every rung that some people hold, because a violation of conduct takes effect (一票否决); returns how many."""
    titles = await repository.recognized_for_update(session, actor, staff_keys)
    for title in titles:
        await _end(session, title, EndReason.CONDUCT, on, actor, document=document)
    return len(titles)


async def _expire(kernel: Kernel) -> int:
    actor = platform_actor(kernel.service)
    async with kernel.database.transaction("") as session:
        over = await repository.running_out(session, actor, clock.today())
        for title in over:
            day = title.term_ends_on or clock.today()
            await _end(session, title, EndReason.EXPIRED, day, actor, document=None)
    return len(over)


async def _end(
    session: AsyncSession, title: Title, reason: EndReason, day: dt.date, actor: Actor, *, document: str | None
) -> None:
    of = await repository.round_by_id(session, actor, title.round_id)
    title.ended_on, title.end_reason = day, reason
    await move(session, of, title, "end", body=reason.value, document=document, actor=actor)


TERMS_SWEEP = KernelSweep("title_terms_over", _expire)
