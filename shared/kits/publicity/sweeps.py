"""Notices whose window is over end by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel import clock
from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep
from shared.kits.platform import platform_actor
from shared.kits.publicity import repository, service
from shared.kits.publicity.tables import Notice

#: What the service does when a notice has ended, in the same transaction.
OnClosed = Callable[[AsyncSession, Notice], Awaitable[None]]


def notices_sweep(table: type[Notice], on_closed: OnClosed | None = None) -> KernelSweep:
    """Ends what is over, every hour; ``on_closed`` moves the thing on."""

    async def run(kernel: Kernel) -> int:
        actor = platform_actor(kernel.service)
        async with kernel.database.transaction("") as session:
            over = await repository.notices_over(session, table, actor, clock.now())
            for row in over:
                await service.end_notice(session, row, actor)
                if on_closed is not None:
                    await on_closed(session, row)
        return len(over)

    return KernelSweep(f"{table.__tablename__}_over", run)  # type: ignore[attr-defined]
