"""A small service behind the gateway, in raw ASGI, that tells what reached it."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Message, Receive, Scope, Send

PREFIX = "/api/v1/sample"
OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Sample", "version": "1.2.0", "x-method-versions": {"value_added": "2.0.0"}},
    "paths": {
        f"{PREFIX}/things": {
            "get": {
                "operationId": "sample_list_things",
                "summary": "列出",
                "x-permission": {"action": "thing.read", "scope": "things.read", "roles": ["city_admin"]},
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
}


class SampleService:
    """Counts what it sees; ``/stats`` tells."""

    def __init__(self) -> None:
        self.stats = {"requests": 0, "disconnects": 0, "cut_bodies": 0, "cancelled": 0}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        path: str = scope["path"]
        if path == f"{PREFIX}/stats":
            await _json(send, self.stats)
            return
        if path in ("/health/ready", "/openapi.json"):
            await _json(send, OPENAPI if path == "/openapi.json" else {"status": "ready"})
            return
        self.stats["requests"] += 1
        action = path.removeprefix(PREFIX + "/").partition("/")[0].partition(":")[0]
        try:
            await getattr(self, f"do_{action.replace('-', '_')}")(scope, receive, send)
        except asyncio.CancelledError:
            self.stats["cancelled"] += 1
            raise

    async def do_echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]]
        seen = {
            "method": scope["method"],
            "path": scope["path"],
            "raw_path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "headers": headers,
            "client": scope["client"][0],
        }
        await _json(send, seen, [(b"server", b"secret/1.0"), (b"connection", b"x-hop"), (b"x-hop", b"1")])

    async def do_size(self, _: Scope, receive: Receive, send: Send) -> None:
        await self._measure(receive, send)

    async def do_imports(self, _: Scope, receive: Receive, send: Send) -> None:
        await self._measure(receive, send)

    async def _measure(self, receive: Receive, send: Send) -> None:
        digest, size = hashlib.sha256(), 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.stats["cut_bodies"] += 1
                return
            digest.update(message.get("body", b""))
            size += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await _json(send, {"size": size, "sha256": digest.hexdigest()})

    async def do_late(self, _: Scope, receive: Receive, send: Send) -> None:
        """Answers 200 whatever became of the body."""
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            pass
        await _json(send, {"late": True})

    async def do_stream(self, scope: Scope, _: Receive, send: Send) -> None:
        left = int(_query(scope)["bytes"])
        headers = [(b"content-length", str(left).encode())] if "sized" in _query(scope) else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        block = bytes(64 << 10)
        while left:
            part = block[: min(left, len(block))]
            left -= len(part)
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def do_endless(self, _: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(self._wait_for_disconnect(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            await send({"type": "http.response.body", "body": bytes(1024), "more_body": True})
            await asyncio.sleep(0.01)

    async def do_slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.create_task(self._wait_for_disconnect(receive))
        await asyncio.wait({gone}, timeout=float(_query(scope)["seconds"]))
        if not gone.done():
            gone.cancel()
            await _json(send, {"slept": True})

    async def do_silent(self, _: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"start", "more_body": True})
        await self._wait_for_disconnect(receive)

    async def do_broken(self, scope: Scope, _: Receive, send: Send) -> None:
        if "started" in _query(scope):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"start", "more_body": True})
            await asyncio.sleep(0.05)
        raise RuntimeError("planted")

    async def do_nothing(self, _: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": [(b"etag", b'"1"')]})
        await send({"type": "http.response.body", "body": b""})

    async def do_people(self, _: Scope, __: Receive, send: Send) -> None:
        await _json(send, {"items": []})

    async def do_cached(self, _: Scope, __: Receive, send: Send) -> None:
        await _json(send, {}, [(b"cache-control", b"private, max-age=5")])

    async def _wait_for_disconnect(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.stats["disconnects"] += 1


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message: Message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _json(send: Send, document: object, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    body = json.dumps(document).encode()
    own = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": own + (headers or [])})
    await send({"type": "http.response.body", "body": body})


def _query(scope: Scope) -> dict[str, str]:
    parsed = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
    return {name: values[0] for name, values in parsed.items()}


def create_app() -> SampleService:
    """Factory for a server."""
    return SampleService()
