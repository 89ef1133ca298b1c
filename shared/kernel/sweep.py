"""Clearing away what was promised to be kept for a time only, and files that no row names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.changes.feed import clear_old_changes
from shared.kernel.context import Kernel
from shared.kernel.logging import logger
from shared.kernel.web.idempotency import forget_old_answers

EVERY_SECONDS = 3_600.0
NamedFiles = Callable[[AsyncSession], Awaitable[Collection[str]]]

_OLD_WAKE_UPS = text(
    "delete from procrastinate_jobs j where j.status in ('succeeded', 'failed', 'cancelled', 'aborted') "
    "and not exists (select from procrastinate_events e where e.job_id = j.id and e.at > now() - interval '7 days') "
    "returning j.id"
)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of clearing away: what is cleared, and the function that does it and returns how many."""

    name: str
    run: Callable[[AsyncSession], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class KernelSweep:
    """Clearing away that reaches beyond the database: it opens its own transactions and returns how many."""

    name: str
    run: Callable[[Kernel], Awaitable[int]]


async def _forget_old_wake_ups(session: AsyncSession) -> int:
    return len((await session.execute(_OLD_WAKE_UPS)).all())


STANDARD = (
    Sweep("idempotent_answers", forget_old_answers),
    Sweep("changes", clear_old_changes),
    Sweep("wake_ups", _forget_old_wake_ups),
)


async def sweep(
    kernel: Kernel, sweeps: Sequence[Sweep | KernelSweep], named_files: NamedFiles | None
) -> dict[str, int]:
    """Clears everything once, each kind in a transaction of its own; returns how many of each."""
    counts = {}
    for each in (*STANDARD, *sweeps):
        if isinstance(each, KernelSweep):
            counts[each.name] = await each.run(kernel)
            continue
        async with kernel.database.transaction("") as session:
            counts[each.name] = await each.run(session)
    if kernel.store is not None and named_files is not None:
        async with kernel.database.transaction("") as session:
            named = await named_files(session)
        # A file younger than a day may belong to a transaction that has not committed yet.
        counts["files"] = await asyncio.to_thread(kernel.store.sweep, named)
    return counts


async def sweep_forever(kernel: Kernel, sweeps: Sequence[Sweep | KernelSweep], named_files: NamedFiles | None) -> None:
    """Clears every hour, until cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            counts = await sweep(kernel, sweeps, named_files)
        except Exception as error:  # the next round tries again
            logger.warning("sweep.failed", service=kernel.service, error=type(error).__name__)
        else:
            logger.info("sweep.done", service=kernel.service, **counts)
