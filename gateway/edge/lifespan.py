"""Startup and shutdown of applications that live inside the gateway's process."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Message


class StartupFailed(Exception):
    """An application refused to start; the text is its own."""


class Lifespan:
    """Drives one application's lifespan, as a server would."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        #: What the application keeps for its requests.
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Waits until the application has started.

        Raises:
            StartupFailed: the application says it cannot start. One without a lifespan simply starts.
        """
        self._task = asyncio.create_task(self._run())
        answer = await self._ask("lifespan.startup")
        if answer is not None and answer["type"] == "lifespan.startup.failed":
            await self._task
            raise StartupFailed(answer.get("message") or "an application failed to start")

    async def stop(self) -> None:
        """Waits until the application has shut down."""
        if self._task is None or self._task.done():
            return
        await self._ask("lifespan.shutdown")
        await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": self.state}
        # An application without a lifespan may raise anything here; one that refuses to start has said so before.
        with suppress(Exception):
            await self._app(scope, self._inbox.get, self._outbox.put)

    async def _ask(self, kind: str) -> Message | None:
        """Sends an event and waits for its answer, or for the application to give up on lifespans."""
        assert self._task is not None  # noqa: S101 - start() made it
        await self._inbox.put({"type": kind})
        answer = asyncio.ensure_future(self._outbox.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        return None if self._outbox.empty() else self._outbox.get_nowait()
