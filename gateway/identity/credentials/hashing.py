"""Argon2id, a few at a time: a check costs 20 ms of a core, which is the point and also a lever for attackers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.identity.credentials.passwords import normalized
from gateway.identity.settings import IdentitySettings

T = TypeVar("T")


class TooBusyError(Exception):
    """As many checks are waiting as may wait."""


class SecretHasher:
    """Hashes and checks secrets, never more at once than there are slots."""

    def __init__(self, settings: IdentitySettings) -> None:
        self._argon2 = PasswordHasher(
            time_cost=settings.argon2_passes, memory_cost=settings.argon2_memory_kib, parallelism=1, type=Type.ID
        )
        self._slots = asyncio.Semaphore(settings.argon2_slots)
        self._threads = ThreadPoolExecutor(settings.argon2_slots, thread_name_prefix="argon2")
        self._places = settings.argon2_slots + settings.argon2_queue
        self._taken = 0
        #: Checked when a name is unknown, so that the answer takes as long as for a known one.
        self._nobody = self._argon2.hash(secrets.token_urlsafe())
        #: Checks and hashes computed, for the tests and the metrics.
        self.computed = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """A slot, in which ``matches`` may be called.

        Hold no database connection while waiting for one: those in a slot need connections to finish.

        Raises:
            TooBusyError: the queue is full.
        """
        if self._taken >= self._places:
            raise TooBusyError
        self._taken += 1
        try:
            async with self._slots:
                yield
        finally:
            self._taken -= 1

    async def matches(self, stored: str | None, secret: str) -> bool:
        """Whether a secret is the one that was hashed; with nothing stored, no, after the same work."""
        self.computed += 1
        is_same = await self._run(self.verify, stored or self._nobody, secret)
        return is_same and stored is not None

    async def hashed(self, secret: str) -> str:
        """The hash to store, computed in a slot of its own."""
        async with self.slot():
            self.computed += 1
            return await self._run(self.hash, secret)

    def hash(self, secret: str) -> str:
        """The hash to store; blocks, for commands."""
        return self._argon2.hash(normalized(secret))

    def verify(self, stored: str, secret: str) -> bool:
        """Whether a secret is the one that was hashed; blocks, for commands."""
        try:
            return self._argon2.verify(stored, normalized(secret))
        except (VerificationError, InvalidHashError):
            return False

    def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, function: Callable[..., T], *arguments: str) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)
