"""Applications to serve under the real server: each notes in a file what happens to it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from launch.lifespans import Living, household
from shared.kernel.embedded_postgres.leash import die_with_parent


def note(text: str) -> None:
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as file:
        file.write(text + "\n")


def service(name: str) -> Starlette:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[dict[str, str]]:
        if os.environ.get("REFUSE") == name:
            raise RuntimeError(f"{name} has no database")
        note(f"{name} up")
        yield {"word": f"state of {name}"}
        note(f"{name} down")

    async def answer(request: Request) -> PlainTextResponse:
        if "slow" in request.query_params:
            note("slow began")
            await asyncio.sleep(0.7)
        return PlainTextResponse(f"{request.state.word} {os.getpid()}")

    return Starlette(routes=[Route("/{rest:path}", answer)], lifespan=lifespan)


def build() -> ASGIApp:
    die_with_parent(signal.SIGTERM)
    behind = {name: Living(name, service(name)) for name in ("roster", "monitoring")}
    front = service("gateway")

    async def dispatching(scope, receive, send):  # type: ignore[no-untyped-def]
        app = behind.get(scope.get("path", "").strip("/"), front)
        await app(scope, receive, send)

    return household(dispatching, behind)
