"""Engine, sessions and the transaction that every request and job runs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from shared.kernel.audit.log import flush_audit
from shared.kernel.database.scope import set_org_scope


class Database:
    """One service's connection pool."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, pool_recycle=1_800
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, org: str | None) -> AsyncIterator[AsyncSession]:
        """One transaction that sees and writes only rows within ``org``.

        Args:
            org: organization path of the one acting; ``""`` for the service itself; ``None`` sees no scoped row.

        Audit records noted during the transaction are chained last, so the chain's lock is held only while committing.
        """
        async with self._sessions() as session, session.begin():
            if org is not None:
                await set_org_scope(session, org)
            yield session
            await session.flush()
            await flush_audit(session)

    async def is_reachable(self) -> bool:
        """Whether a statement can be run now."""
        try:
            async with self.engine.connect() as connection:
                await connection.execute(text("select 1"))
        except Exception:  # any failure to answer means the same to a health probe
            return False
        return True

    async def close(self) -> None:
        """Closes the pool."""
        await self.engine.dispose()
