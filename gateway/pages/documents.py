"""The services' OpenAPI documents, fetched at first use and kept for a minute."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from gateway.edge.upstream import Upstream, UpstreamError
from shared.kernel.logging import logger

FRESH_SECONDS = 60.0
#: A service that gave no document is asked again after this long, so that it cannot slow every page down.
RETRY_SECONDS = 5.0
FETCH_SECONDS = 3.0


class Documents:
    """One document per service; a service that is down keeps its last one.

    Args:
        upstreams: the services by name.
        clock: monotonic seconds.
    """

    def __init__(self, upstreams: Mapping[str, Upstream], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._upstreams = upstreams
        self._clock = clock
        self._kept: dict[str, dict[str, Any]] = {}
        self._fresh_until = dict.fromkeys(upstreams, float("-inf"))
        self._locks = {name: asyncio.Lock() for name in upstreams}

    @property
    def names(self) -> tuple[str, ...]:
        """Every service, whether it answers or not."""
        return tuple(self._upstreams)

    async def of(self, name: str) -> dict[str, Any] | None:
        """The document of a service, or ``None`` when it has never answered."""
        async with self._locks[name]:
            document = self._kept.get(name)
            if self._clock() < self._fresh_until[name]:
                return document
            try:
                fetched = await self._fetch(name)
            except UpstreamError as error:
                self._fresh_until[name] = self._clock() + RETRY_SECONDS
                logger.warning("openapi.fetch_failed", service=name, error=str(error))
                return document
            # An unchanged document stays the same object, so that what was rendered from it stays good.
            if fetched != document:
                self._kept[name] = document = fetched
            self._fresh_until[name] = self._clock() + FRESH_SECONDS
            return document

    async def all(self) -> dict[str, dict[str, Any] | None]:
        """Every service's document."""
        found = await asyncio.gather(*map(self.of, self.names))
        return dict(zip(self.names, found, strict=True))

    async def _fetch(self, name: str) -> dict[str, Any]:
        status, body = await self._upstreams[name].get("/openapi.json", seconds=FETCH_SECONDS)
        try:
            document = json.loads(body) if status == 200 else None
        except ValueError:
            document = None
        if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
            raise UpstreamError(f"{name} answered {status} without an OpenAPI document")
        return document
