"""Forgets what no longer matters, every few minutes while the issuer runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.identity.attempts.repository import forget_old_attempts
from gateway.identity.tokens.service import forget_expired_tokens
from shared.kernel.database.engine import Database
from shared.kernel.logging import logger

EVERY_SECONDS = 600.0


async def tidy(database: Database, at: dt.datetime) -> None:
    """Forgets attempts and revocations that no decision depends on any more."""
    async with database.transaction("") as session:
        await forget_old_attempts(session, at)
        await forget_expired_tokens(session, at)


@asynccontextmanager
async def kept_tidy(database: Database, now: Callable[[], dt.datetime]) -> AsyncIterator[None]:
    """Tidies up while the body runs; the first time not before the database has had time to be there."""

    async def forever() -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            try:
                await tidy(database, now())
            except Exception as error:  # the next round tries again
                logger.warning("identity.tidying_failed", error=type(error).__name__)

    task = asyncio.create_task(forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
