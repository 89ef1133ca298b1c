"""Several ASGI applications in one process: each gets its own startup, shutdown and state."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Living:
    """An application with its lifespan run by us rather than by a server.

    Args:
        name: said in errors.
        app: the application; one without a lifespan is fine.
    """

    def __init__(self, name: str, app: ASGIApp) -> None:
        self.name = name
        self.app = app
        self.state: dict[str, Any] = {}
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, with this application's state in place of the outer one's."""
        await self.app({**scope, "state": dict(self.state)}, receive, send)

    async def start(self) -> None:
        """Runs the startup; raises ``RuntimeError`` when the application says that it failed."""
        self._task = asyncio.create_task(self._run())
        await self._exchange("lifespan.startup")

    async def stop(self) -> None:
        """Runs the shutdown; nothing when the application has no lifespan or never started."""
        if self._task is not None and not self._task.done():
            await self._exchange("lifespan.shutdown")

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": self.state}
        await self.app(scope, self._inbox.get, self._outbox.put)

    async def _exchange(self, message_type: str) -> None:
        assert self._task is not None  # noqa: S101 - start() made it
        await self._inbox.put({"type": message_type})
        answer = asyncio.create_task(self._outbox.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            error = self._task.exception()
            if error is not None:
                raise RuntimeError(f"{self.name}: {message_type} failed: {error!r}") from error
            # Returning without an answer is how an application says that it has no lifespan.
            return
        if (message := answer.result())["type"].endswith(".failed"):
            raise RuntimeError(f"{self.name}: {message_type} failed: {message.get('message', '')}")


class Household:
    """One application in front, others behind it, started before it and stopped after it.

    Args:
        front: the application that serves requests.
        behind: the applications it dispatches to.
    """

    def __init__(self, front: Living, behind: Sequence[Living]) -> None:
        self.front = front
        self.behind = tuple(behind)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection, or the lifespan of all."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self.front(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        started: list[Living] = []
        try:
            for living in (*self.behind, self.front):
                started.append(living)
                await living.start()
        except Exception as error:
            await _stop_all(started)
            # A raised error would be taken for an application without a lifespan, and served all the same.
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        failures = await _stop_all(started)
        kind = "failed" if failures else "complete"
        await send({"type": f"lifespan.shutdown.{kind}", "message": "; ".join(failures)})


async def _stop_all(started: Sequence[Living]) -> list[str]:
    failures = []
    for living in reversed(started):
        try:
            await living.stop()
        except Exception as error:
            failures.append(f"{living.name}: {error}")
    return failures


def household(front: ASGIApp, behind: Mapping[str, Living]) -> Household:
    """The application to give to the server."""
    return Household(Living("gateway", front), list(behind.values()))
