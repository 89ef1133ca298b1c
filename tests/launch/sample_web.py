"""An application to serve under the real server; it notes in a file what happens to it."""

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

from shared.kernel.embedded_postgres.leash import die_with_parent


def note(text: str) -> None:
    with Path(os.environ["NOTES"]).open("a", encoding="utf-8") as file:
        file.write(text + "\n")


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    if "REFUSE" in os.environ:
        raise RuntimeError("no database")
    note("up")
    yield
    note("down")


async def answer(request: Request) -> PlainTextResponse:
    if "slow" in request.query_params:
        note("slow began")
        await asyncio.sleep(0.7)
    return PlainTextResponse(f"answered by {os.getpid()}")


def build() -> ASGIApp:
    die_with_parent(signal.SIGKILL)
    return Starlette(routes=[Route("/{rest:path}", answer)], lifespan=lifespan)
