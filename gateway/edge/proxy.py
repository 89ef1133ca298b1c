"""Services at an address: aiohttp, streaming both ways, every wait with a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from gateway.edge.breaker import CircuitBreaker
from gateway.edge.exchange import ClientGone, Exchange, Refused
from gateway.edge.guard import BodyGuard, declared_length, has_body
from gateway.edge.headers import inward_headers, is_trusted, outward_headers
from gateway.edge.settings import Deadline, EdgeSettings
from gateway.edge.upstream import UpstreamError
from shared.terms.errors import DomainError

_RETRY_SOON = [(b"retry-after", b"2")]
_RETRY_LATER = [(b"retry-after", b"5")]
_AUTOMATIC = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")


class ProxiedUpstream:
    """A service listening at an http address.

    Args:
        name: the service's name, as in ``/api/v1/<name>/``.
        base: address without a path, e.g. ``http://127.0.0.1:8101``.
        settings: deadlines, connection pool and breaker.
    """

    def __init__(self, name: str, base: str, settings: EdgeSettings) -> None:
        self.name = name
        self._base = URL(base.rstrip("/"))
        if self._base.scheme not in ("http", "https") or not self._base.host or self._base.path.strip("/"):
            raise ValueError(f"the address of {name} must be http(s)://host:port, not {base}")
        self._origin = str(self._base).rstrip("/")
        self._settings = settings
        self._breaker = CircuitBreaker(settings.breaker_failures, settings.breaker_open_seconds)
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Opens the connection pool; connections are made when needed."""
        settings = self._settings
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=settings.upstream_connections, keepalive_timeout=settings.upstream_keepalive_seconds
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=settings.connect_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_AUTOMATIC,
            trust_env=False,
        )

    async def stop(self) -> None:
        """Closes every connection."""
        if self._session is not None:
            await self._session.close()

    def circuit(self) -> str:
        """State of the circuit breaker."""
        return self._breaker.state

    async def get(self, path: str, *, seconds: float) -> tuple[int, bytes]:
        """A plain GET of ours, outside the breaker: health checks must see the truth."""
        assert self._session is not None, "start() first"  # noqa: S101
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.get(
                    self._origin + path, allow_redirects=False, headers={"Accept": "application/json"}
                ) as response,
            ):
                return response.status, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise UpstreamError(f"{self.name} gave no answer: {type(error).__name__}") from error

    async def forward(self, exchange: Exchange, guard: BodyGuard, deadline: Deadline) -> None:
        """Sends the request on and streams the answer back."""
        if not self._breaker.admits():
            wait = max(1, round(self._breaker.retry_after() + 0.5))
            raise Refused(self._problem("paused"), [(b"retry-after", str(wait).encode())])
        relay = _Relay(exchange, guard, deadline)
        try:
            async with asyncio.timeout(None) as relay.timer, self._request(exchange, relay) as response:
                self._breaker.connected()
                await relay.stream(response)
        except (aiohttp.ClientError, OSError) as error:
            raise self._failed(exchange, relay, error) from error
        except BaseException:
            self._breaker.abandoned()
            raise
        finally:
            relay.close()

    def _request(self, exchange: Exchange, relay: _Relay) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        assert self._session is not None, "start() first"  # noqa: S101
        scope = exchange.scope
        raw_path = scope.get("raw_path") or exchange.path.encode()
        target = self._origin + raw_path.decode("latin-1")
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        body = relay.body() if has_body(exchange) else None
        if body is None:
            relay.start_waiting()
        return self._session.request(
            exchange.method,
            URL(target, encoded=True),
            headers=self._headers(exchange),
            data=body,
            allow_redirects=False,
        )

    def _headers(self, exchange: Exchange) -> CIMultiDict[str]:
        headers: CIMultiDict[str] = CIMultiDict()
        for name, value in inward_headers(exchange.scope["headers"], exchange.request_id):
            if name != b"content-length":
                headers.add(name.decode("latin-1"), value.decode("latin-1"))
        length = declared_length(exchange)
        if length is not None and (length or exchange.method in ("POST", "PUT", "PATCH")):
            headers["content-length"] = str(length)
        peer = (exchange.scope.get("client") or ("", 0))[0]
        believed = is_trusted(peer, self._settings.trusted_proxies)
        given = exchange.headers
        scheme = given.get(b"x-forwarded-proto") if believed else None
        host = given.get(b"x-forwarded-host") if believed else None
        headers["x-forwarded-for"] = exchange.address
        headers["x-forwarded-proto"] = (scheme or exchange.scope["scheme"].encode()).decode("latin-1")
        if host or b"host" in given:
            headers["x-forwarded-host"] = (host or given[b"host"]).decode("latin-1")
        return headers

    def _problem(self, what: str, **params: object) -> DomainError:
        return DomainError(f"gateway.upstream_{what}", params={"service": self.name, **params})

    def _failed(self, exchange: Exchange, relay: _Relay, error: Exception) -> Exception:
        """What an error of the transport means to the caller; our own deadline is a TimeoutError, so an OSError."""
        is_connect = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
        if is_connect:
            self._breaker.failed()
        else:
            self._breaker.abandoned()
        if relay.client_gone or exchange.sealed:
            return ClientGone()
        if exchange.has_started:
            return UpstreamError(f"{self.name} broke off in the middle of an answer")
        if is_connect:
            return Refused(self._problem("unreachable"), _RETRY_SOON)
        if relay.timer.expired():
            return Refused(self._problem("timeout", seconds=round(relay.waiting_seconds)), _RETRY_LATER)
        return Refused(self._problem("broken"), _RETRY_SOON)


class _Relay:
    """Moves one request's body in and its answer out, watching that the caller is still there."""

    def __init__(self, exchange: Exchange, guard: BodyGuard, deadline: Deadline) -> None:
        self._exchange = exchange
        self._guard = guard
        self._deadline = deadline
        self._loop = asyncio.get_running_loop()
        self._watcher: asyncio.Task[None] | None = None
        self.timer: asyncio.Timeout
        self._is_answering = False
        self.client_gone = False
        self.waiting_seconds = 0.0

    async def body(self) -> AsyncIterator[bytes]:
        """The caller's body; raises ClientGone so that a cut body never looks complete to the service."""
        while not self._guard.finished:
            # While the caller is awaited its guard keeps the time, not the service's deadline.
            self._wait_for(None)
            message = await self._guard.receive()
            if message["type"] != "http.request":
                self.client_gone = True
                raise ClientGone
            if chunk := message.get("body", b""):
                self._wait_for(self._deadline.idle_seconds)
                yield chunk
        self.start_waiting()

    def start_waiting(self) -> None:
        """The request is out; from here on the service has ``headers_seconds``, and the caller may hang up."""
        self._wait_for(self._deadline.headers_seconds)
        self._watcher = self._loop.create_task(self._watch())

    def _wait_for(self, seconds: float | None) -> None:
        # Once the answer flows its idle deadline rules, even if a late part of the body is still going out.
        if not self.client_gone and not self._is_answering:
            self.waiting_seconds = seconds or 0.0
            self.timer.reschedule(None if seconds is None else self._loop.time() + seconds)

    async def _watch(self) -> None:
        """Ends the exchange at once when the caller closes the connection."""
        while (await self._exchange.receive())["type"] != "http.disconnect":
            pass
        self.client_gone = True
        self.timer.reschedule(self._loop.time())

    async def stream(self, response: aiohttp.ClientResponse) -> None:
        """Sends status, headers and body on as they come; a silence on either side ends it."""
        self._is_answering = True
        content, send = response.content, self._exchange.send
        self._keep_alive()
        headers = outward_headers(response.raw_headers)
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        while True:
            chunk = await content.readany()
            is_last = not chunk or content.at_eof()
            self._keep_alive()
            await send({"type": "http.response.body", "body": chunk, "more_body": not is_last})
            if is_last:
                return
            self._keep_alive()

    def _keep_alive(self) -> None:
        if not self.client_gone:
            self.timer.reschedule(self._loop.time() + self._deadline.idle_seconds)

    def close(self) -> None:
        """Stops watching."""
        if self._watcher is not None:
            self._watcher.cancel()
