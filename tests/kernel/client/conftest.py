"""A gateway made of one small application, served over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class SmallGateway:
    """Counts what it is asked; answers as its ``script`` says, then with 200."""

    def __init__(self) -> None:
        self.token_requests: list[dict[str, str]] = []
        self.requests: list[tuple[str, str]] = []
        self.script: list[Response] = []
        self.token_script: list[Response] = []
        self.lifetime = 600
        self.address = ""

    async def token(self, request: Request) -> Response:
        form = dict(await request.form())
        self.token_requests.append({"authorization": request.headers["authorization"], **form})
        if self.token_script:
            return self.token_script.pop(0)
        name = f"token-{len(self.token_requests)}"
        return JSONResponse({"access_token": name, "token_type": "Bearer", "expires_in": self.lifetime})

    async def anything(self, request: Request) -> Response:
        self.requests.append((request.method, request.headers["authorization"]))
        return self.script.pop(0) if self.script else JSONResponse({"query": dict(request.query_params)})

    def app(self) -> Starlette:
        methods = ["GET", "POST", "PUT", "DELETE"]
        routes = [
            Route("/oauth/token", self.token, methods=["POST"]),
            Route("/{path:path}", self.anything, methods=methods),
        ]
        return Starlette(routes=routes)


@pytest.fixture
async def gateway() -> AsyncIterator[SmallGateway]:
    small = SmallGateway()
    listener = socket.create_server(("127.0.0.1", 0))
    small.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(small.app(), log_config=None, lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield small
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await serving
        listener.close()
