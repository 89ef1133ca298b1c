"""The body guard: counts, times and, where needed, answers itself.

Raising inside ``receive`` would become an application's 500, so the guard sends 413 or 408 on its own, tells the
application that the caller is gone, and whatever the application says afterwards is dropped by the exchange.
"""

from __future__ import annotations

import asyncio
import time

from starlette.types import Message

from gateway.edge.exchange import Exchange, Refused
from gateway.edge.settings import EdgeSettings
from shared.terms.errors import DomainError

_LINGER_SECONDS = 1.0
_LINGER_BYTES = 32 << 20
_GONE: Message = {"type": "http.disconnect"}


def declared_length(exchange: Exchange) -> int | None:
    """Length of the body as declared, or ``None`` for a chunked or absent one."""
    value = exchange.headers.get(b"content-length")
    return int(value) if value is not None and value.isdigit() else None


def has_body(exchange: Exchange) -> bool:
    """Whether a body follows the request's headers."""
    return bool(declared_length(exchange)) or b"transfer-encoding" in exchange.headers


class BodyGuard:
    """Stands between the server and the application's ``receive``."""

    __slots__ = ("_exchange", "_limit", "_settings", "_waited", "finished")

    def __init__(self, exchange: Exchange, limit: int, settings: EdgeSettings) -> None:
        self._exchange = exchange
        self._limit = limit
        self._settings = settings
        self._waited = 0.0
        self.finished = not has_body(exchange)

    def check_declared(self) -> None:
        """Refuses a body by its declared length, before a byte of it is read."""
        length = declared_length(self._exchange)
        if length is not None and length > self._limit:
            raise Refused(self._too_large(), [(b"connection", b"close")])

    async def receive(self) -> Message:
        """The next message for the application."""
        exchange = self._exchange
        if exchange.sealed:
            return _GONE
        if self.finished:
            return await exchange.receive()
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._allowance()):
                message = await exchange.receive()
        except TimeoutError:
            return await self._refuse(self._too_slow())
        self._waited += time.perf_counter() - started
        if message["type"] != "http.request":
            self.finished = True
            return message
        exchange.received_bytes += len(message.get("body", b""))
        self.finished = not message.get("more_body", False)
        if exchange.received_bytes > self._limit:
            return await self._refuse(self._too_large())
        return message

    async def linger(self) -> None:
        """Reads on for a moment after an early answer.

        Closing at once would reset the connection, and a caller still sending would lose the answer that tells why.
        """
        if self.finished:
            return
        discarded = 0
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while discarded < _LINGER_BYTES:
                    message = await self._exchange.receive()
                    discarded += len(message.get("body", b""))
                    if message["type"] != "http.request" or not message.get("more_body", False):
                        break
        except TimeoutError:
            pass
        self.finished = True

    def _allowance(self) -> float:
        """Seconds until the body is either idle for too long or slower than it may be."""
        settings = self._settings
        earned = self._exchange.received_bytes / settings.body_min_bytes_per_second
        until_too_slow = settings.body_grace_seconds + earned - self._waited
        return max(0.001, min(settings.body_idle_seconds, until_too_slow))

    async def _refuse(self, error: DomainError) -> Message:
        await self._exchange.refuse(error, [(b"connection", b"close")])
        return _GONE

    def _too_large(self) -> DomainError:
        return DomainError("request.too_large", params={"limit": self._limit})

    def _too_slow(self) -> DomainError:
        return DomainError("gateway.body_slow", params={"seconds": round(self._waited) or 1})
