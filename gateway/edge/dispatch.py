"""Services in this process: the scope is passed on, no socket between."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Scope

from gateway.edge.exchange import ClientGone, Exchange, Refused
from gateway.edge.guard import BodyGuard
from gateway.edge.headers import inward_headers, outward_headers
from gateway.edge.lifespan import Lifespan
from gateway.edge.settings import Deadline
from gateway.edge.upstream import UpstreamError
from shared.kernel.logging import logger
from shared.terms.errors import DomainError


class InMemoryUpstream:
    """A service as an ASGI application of this process."""

    def __init__(self, name: str, app: ASGIApp) -> None:
        self.name = name
        self._app = app
        self._lifespan = Lifespan(app)

    async def start(self) -> None:
        """Runs the application's startup."""
        await self._lifespan.start()

    async def stop(self) -> None:
        """Runs the application's shutdown."""
        await self._lifespan.stop()

    def circuit(self) -> str:
        """There is no connection that could fail."""
        return "closed"

    async def forward(self, exchange: Exchange, guard: BodyGuard, deadline: Deadline) -> None:
        """Calls the application with the caller's scope, filtered."""
        loop = asyncio.get_running_loop()
        client_gone = False
        try:
            async with asyncio.timeout(deadline.headers_seconds) as timer:

                async def receive() -> Message:
                    nonlocal client_gone
                    # The clock of the answer stands still while the application waits for the caller.
                    reads_body = not (exchange.has_started or guard.finished)
                    if reads_body:
                        timer.reschedule(None)
                    message = await guard.receive()
                    if reads_body:
                        timer.reschedule(loop.time() + deadline.headers_seconds)
                    client_gone = client_gone or message["type"] == "http.disconnect"
                    return message

                async def send(message: Message) -> None:
                    if not exchange.has_started:
                        timer.reschedule(None)
                    if message["type"] == "http.response.start":
                        message = {**message, "headers": outward_headers(message.get("headers") or ())}
                    await exchange.send(message)

                await self._app(self._scope_of(exchange), receive, send)
        except TimeoutError:
            if not timer.expired():
                raise
            params = {"service": self.name, "seconds": round(deadline.headers_seconds)}
            error = DomainError("gateway.upstream_timeout", params=params)
            raise Refused(error, [(b"retry-after", b"5")]) from None
        if client_gone:
            raise ClientGone
        if not exchange.has_started and not exchange.sealed:
            logger.error("upstream.no_answer", service=self.name)
            raise Refused(DomainError("gateway.upstream_broken", params={"service": self.name}))

    def _scope_of(self, exchange: Exchange) -> Scope:
        scope = dict(exchange.scope)
        headers = inward_headers(scope["headers"], exchange.request_id)
        host = exchange.headers.get(b"host")
        scope["headers"] = [(b"host", host), *headers] if host is not None else headers
        _, port = scope.get("client") or ("", 0)
        scope["client"] = (exchange.address, int(port))
        scope["state"] = dict(self._lifespan.state)
        # The server's extensions are not ours to hand on: with path sending a service would have its file removed before
        # the server opens it, and the bytes would pass neither our count nor our guard.
        scope.pop("extensions", None)
        return scope

    async def get(self, path: str, *, seconds: float) -> tuple[int, bytes]:
        """Asks the application as a caller without a body would."""
        status, body = 0, bytearray()
        done = asyncio.Event()

        async def receive() -> Message:
            if not done.is_set():
                done.set()
                return {"type": "http.request", "body": b"", "more_body": False}
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

        async def send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                body.extend(message.get("body", b""))

        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"gateway.internal"), (b"accept", b"application/json")],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0),
            "state": dict(self._lifespan.state),
        }
        try:
            async with asyncio.timeout(seconds):
                await self._app(scope, receive, send)
        except Exception as error:
            raise UpstreamError(f"{self.name} gave no answer: {type(error).__name__}") from error
        return status, bytes(body)
