"""Rulings become final when nobody asks for a review in time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.context import Kernel
from shared.kernel.sweep import KernelSweep
from shared.kits.appeals import service
from shared.kits.appeals.service import Appeals
from shared.kits.appeals.tables import Appeal
from shared.kits.platform import platform_actor

#: What the service does when an appeal has become final by itself, in the same transaction.
OnFinal = Callable[[AsyncSession, Appeal], Awaitable[None]]


def appeals_sweep(on: Appeals, on_final: OnFinal | None = None) -> KernelSweep:
    """Ends what has lapsed, every hour."""

    async def run(kernel: Kernel) -> int:
        async with kernel.database.transaction("") as session:
            rows = await service.let_lapse(session, on=on, actor=platform_actor(kernel.service))
            if on_final is not None:
                for row in rows:
                    await on_final(session, row)
        return len(rows)

    return KernelSweep(f"{on.table.__tablename__}_lapsed", run)  # type: ignore[attr-defined]
