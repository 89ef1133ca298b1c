"""Which tokens are no longer accepted: asked at every request, answered from memory."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.accounts.tables import Account
from gateway.identity.clients.tables import Client
from gateway.identity.tokens.tables import RevokedToken
from shared.kernel.database.engine import Database
from shared.kernel.identity.tokens import MAX_LIFETIME, AccessToken
from shared.kernel.logging import logger
from shared.terms.errors import DomainError

#: With a list older than this nobody is let in: a revoked token could be among those asking.
STALE_SECONDS = 60.0
READ_SECONDS = 5.0


def revocation_moment(at: dt.datetime) -> dt.datetime:
    """The moment before which tokens are refused, for a revocation made at ``at``.

    Tokens carry whole seconds, so it is the next whole second: everything issued up to now lies before it, and what is
    issued later within this second is dated to it (see ``issue_token``).
    """
    return at.replace(microsecond=0) + dt.timedelta(seconds=1)


class Revocations:
    """The list in memory, renewed at once by this process's own revocations and every few seconds for those of others.

    Args:
        now: the current moment.
        clock: monotonic seconds.
    """

    def __init__(self, now: Callable[[], dt.datetime], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._clock = clock
        self._tokens: frozenset[str] = frozenset()
        self._subjects: dict[str, dt.datetime] = {}
        self._read_at: float | None = None
        self._turn = asyncio.Lock()

    def is_revoked(self, token: AccessToken) -> bool:
        """Whether a genuine, unexpired token was taken back.

        Raises:
            DomainError: ``server.unavailable`` when the list could not be read for a minute.
        """
        if self._read_at is None or self._clock() - self._read_at > STALE_SECONDS:
            raise DomainError("server.unavailable", params={"what": "revocations"})
        before = self._subjects.get(token.actor.subject)
        return token.token_id in self._tokens or (before is not None and token.issued_at < before)

    async def refresh(self, database: Database) -> None:
        """Reads the list; returns once it holds all that was committed before the call.

        Raises:
            TimeoutError: the database takes too long; it raises errors of its own as well.
        """
        async with self._turn:
            asked_at = self._clock()
            async with asyncio.timeout(READ_SECONDS), database.transaction("") as session:
                tokens, subjects = await _read(session, self._now())
            self._tokens, self._subjects, self._read_at = tokens, subjects, asked_at

    @asynccontextmanager
    async def kept_fresh(self, database: Database, *, every: float) -> AsyncIterator[None]:
        """Reads the list, then renews it every few seconds while the body runs."""
        await self._renew(database)
        task = asyncio.create_task(self._renew_forever(database, every))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _renew_forever(self, database: Database, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            await self._renew(database)

    async def _renew(self, database: Database) -> None:
        try:
            await self.refresh(database)
        except Exception as error:  # the database may be restarting; is_revoked refuses when it takes too long
            logger.warning("revocations.unreadable", error=type(error).__name__)


async def _read(session: AsyncSession, at: dt.datetime) -> tuple[frozenset[str], dict[str, dt.datetime]]:
    tokens = frozenset(await session.scalars(select(RevokedToken.token_id).where(RevokedToken.expires_at > at)))
    # Whatever was issued before an earlier revocation has expired by itself.
    since = at - MAX_LIFETIME - dt.timedelta(minutes=1)
    subjects: dict[str, dt.datetime] = {}
    for subject, table in ((Client.client_id, Client), (Account.id, Account)):
        rows = await session.execute(select(subject, table.revoked_before).where(table.revoked_before > since))
        subjects |= {str(key): before for key, before in rows.all() if before is not None}
    return tokens, subjects
