"""Where verification keys come from: a file, an address, or this process's own signing keys.

A key set is used for five minutes and then renewed behind the callers' backs. An unknown key id asks for one renewal a
minute at most, or forged tokens would make us hammer the issuer. When renewal fails the old keys stay in use.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

import aiohttp

from shared.kernel.clock import now as current_time
from shared.kernel.identity.keys import PublicKeys
from shared.kernel.identity.tokens import OWN_ALGORITHMS, AccessToken, read_access_token, unverified_header
from shared.kernel.logging import logger
from shared.terms.errors import DomainError

CACHE_SECONDS = 300.0
#: Between two renewals asked for by unknown key ids, and between two tries after a failure.
UNKNOWN_KEY_SECONDS = 60.0
RETRY_SECONDS = 10.0
FETCH_SECONDS = 5.0
MAX_DOCUMENT_BYTES = 1 << 20

Load = Callable[[], Awaitable[PublicKeys]]


class KeySource:
    """A key set that keeps itself fresh.

    Args:
        load: reads the set anew; may raise anything.
        clock: monotonic seconds.
    """

    def __init__(self, load: Load, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._clock = clock
        self._keys: PublicKeys | None = None
        self._loaded_at = float("-inf")
        self._tried_at = float("-inf")
        self._asked_for_unknown_at = float("-inf")
        self._renewal: asyncio.Task[None] | None = None
        #: Grows whenever the set changes, so that caches of verified tokens can be dropped.
        self.generation = 0

    @classmethod
    def at(cls, location: str) -> KeySource:
        """A source at an http(s) address or a file path."""
        if location.startswith(("http://", "https://")):
            return cls(lambda: fetch_jwks(location))
        return cls(lambda: asyncio.to_thread(read_jwks, Path(location.removeprefix("file://"))))

    async def keys_for(self, kid: str) -> PublicKeys:
        """A set for verifying a token that names ``kid``; the set may still lack it.

        Raises:
            DomainError: ``server.unavailable`` while no key set has ever been read.
        """
        age = self._clock() - self._loaded_at
        if self._keys is None or age > 2 * CACHE_SECONDS:
            await self._renew(wait=True)
        elif age > CACHE_SECONDS:
            await self._renew(wait=False)
        if self._keys is not None and kid not in self._keys and self._may_ask_for_unknown():
            await self._renew(wait=True, at_once=True)
        if self._keys is None:
            raise DomainError("server.unavailable", params={"what": "JWKS"})
        return self._keys

    def _may_ask_for_unknown(self) -> bool:
        if self._clock() - self._asked_for_unknown_at < UNKNOWN_KEY_SECONDS:
            return False
        self._asked_for_unknown_at = self._clock()
        return True

    async def _renew(self, *, wait: bool, at_once: bool = False) -> None:
        if self._renewal is None:
            if not at_once and self._clock() - self._tried_at < RETRY_SECONDS:
                return
            self._tried_at = self._clock()
            self._renewal = asyncio.create_task(self._load_once())
        if wait:
            # Shielded: one caller giving up must not take the renewal from the others.
            await asyncio.shield(self._renewal)

    async def _load_once(self) -> None:
        try:
            keys = await self._load()
        except Exception as error:
            logger.warning("jwks.renewal_failed", error=type(error).__name__, kept=self._keys is not None)
        else:
            if keys != self._keys:
                self._keys, self.generation = keys, self.generation + 1
            self._loaded_at = self._clock()
        finally:
            self._renewal = None


class TokenVerifier:
    """Verifies access tokens of one issuer against its key source."""

    def __init__(
        self, source: KeySource, *, issuer: str, audience: str, algorithms: Collection[str] = OWN_ALGORITHMS
    ) -> None:
        self.source = source
        self.issuer = issuer
        self.audience = audience
        self.algorithms = tuple(algorithms)

    async def verify(self, token: str, *, now: dt.datetime | None = None) -> AccessToken:
        """The verified token; raises DomainError as ``read_access_token`` and ``KeySource.keys_for`` do."""
        keys = await self.source.keys_for(unverified_header(token)["kid"])
        return read_access_token(
            token,
            keys=keys,
            issuer=self.issuer,
            audience=self.audience,
            now=now or current_time(),
            algorithms=self.algorithms,
        )


async def fetch_jwks(url: str) -> PublicKeys:
    """Reads a key set over HTTP: no redirects, no proxies, five seconds, one megabyte."""
    timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, allow_redirects=False, headers={"Accept": "application/json"}) as response,
    ):
        if response.status != 200:
            raise ValueError(f"the key address answered {response.status}")
        body = await response.content.read(MAX_DOCUMENT_BYTES + 1)
        while len(body) <= MAX_DOCUMENT_BYTES and (more := await response.content.read(MAX_DOCUMENT_BYTES)):
            body += more
        if len(body) > MAX_DOCUMENT_BYTES:
            raise ValueError("the key document is too large")
        return PublicKeys.from_jwks(json.loads(body))


def read_jwks(path: Path) -> PublicKeys:
    """Reads a key set from a JWKS file."""
    return PublicKeys.from_jwks(json.loads(path.read_text("utf-8")))
