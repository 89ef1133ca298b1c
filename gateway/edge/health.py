"""Health of the whole: alive is this process, ready is everything behind it, each by name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from gateway.edge.upstream import Upstream, UpstreamError

#: A burst of probes costs the services one check a second.
_REUSE_SECONDS = 1.0


class Readiness:
    """Asks every service whether it is ready, all at once and for a bounded time."""

    def __init__(self, upstreams: Mapping[str, Upstream], seconds: float) -> None:
        self._upstreams = upstreams
        self._seconds = seconds
        self._checked_at = float("-inf")
        self._checks: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def check(self) -> tuple[bool, dict[str, str]]:
        """Whether all are ready, and each one's word: ready, not_ready, or unreachable."""
        async with self._lock:
            if time.monotonic() - self._checked_at > _REUSE_SECONDS:
                answers = await asyncio.gather(*map(self._ask, self._upstreams.values()))
                self._checks = dict(zip(self._upstreams, answers, strict=True))
                self._checked_at = time.monotonic()
        return all(word == "ready" for word in self._checks.values()), dict(self._checks)

    async def _ask(self, upstream: Upstream) -> str:
        try:
            status, _ = await upstream.get("/health/ready", seconds=self._seconds)
        except UpstreamError:
            return "unreachable"
        return "ready" if status == 200 else "not_ready"
