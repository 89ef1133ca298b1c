"""The edge itself: one ASGI application that decides who answers, and makes sure that somebody does."""

from __future__ import annotations

import gc
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.edge.authenticate import IsRevoked, TokenCheck
from gateway.edge.dispatch import InMemoryUpstream
from gateway.edge.exchange import ClientGone, Exchange, Refused
from gateway.edge.guard import BodyGuard
from gateway.edge.headers import client_address, is_loopback, request_id_from, sane_traceparent
from gateway.edge.health import Readiness
from gateway.edge.lifespan import StartupFailed
from gateway.edge.observe import Metrics, record
from gateway.edge.proxy import ProxiedUpstream
from gateway.edge.rate_limit import RateLimiter, Ticket, address_key
from gateway.edge.routes import Route, RouteKind, RouteTable, is_safe_path
from gateway.edge.settings import EdgeSettings
from gateway.edge.upstream import Upstream, UpstreamError
from gateway.pages.about import About
from gateway.pages.site import Site
from shared.kernel.identity.jwks import TokenVerifier
from shared.kernel.logging import logger
from shared.terms.errors import DomainError

IDENTITY = "identity"
_JSON = (b"content-type", b"application/json")


def build_edge(
    settings: EdgeSettings,
    *,
    upstreams: Mapping[str, ASGIApp | str],
    identity_app: ASGIApp,
    verifier: TokenVerifier,
    about: About | None = None,
    is_revoked: IsRevoked | None = None,
) -> Edge:
    """Puts the edge together.

    Args:
        settings: limits, deadlines, trusted proxies.
        upstreams: each service by name, as an application of this process or as an http address.
        identity_app: answers ``/oauth/*``, ``/.well-known/*`` and ``/api/v1/identity/*`` in this process.
        verifier: checks access tokens.
        about: versions and addresses for the discovery document.
        is_revoked: asked for every request's token, so that a revocation works at once.
    """
    behind = {
        name: ProxiedUpstream(name, target, settings) if isinstance(target, str) else InMemoryUpstream(name, target)
        for name, target in upstreams.items()
    }
    return Edge(
        settings,
        services=behind,
        identity=InMemoryUpstream(IDENTITY, identity_app),
        tokens=TokenCheck(verifier, settings.token_cache_size, is_revoked=is_revoked),
        about=about or About(),
    )


class Edge:
    """The gateway's ASGI application; build it with ``build_edge``."""

    def __init__(
        self,
        settings: EdgeSettings,
        *,
        services: Mapping[str, Upstream],
        identity: Upstream,
        tokens: TokenCheck,
        about: About,
    ) -> None:
        self._settings = settings
        self._upstreams: dict[str, Upstream] = {IDENTITY: identity, **services}
        self._routes = RouteTable(services)
        self._tokens = tokens
        size = settings.rate_table_size
        self._clients = RateLimiter("client", settings.client_rate, size=size)
        self._addresses = RateLimiter("address", settings.anonymous_rate, size=size)
        self._readiness = Readiness(self._upstreams, settings.ready_seconds)
        self._site = Site(about, services=dict(services), identity=identity)
        self._started = AsyncExitStack()
        self.metrics = Metrics()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._exchange(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except StartupFailed as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def start(self) -> None:
        """Starts every application of this process; when one fails, those already started are stopped."""
        async with AsyncExitStack() as stack:
            for upstream in self._upstreams.values():
                await upstream.start()
                stack.push_async_callback(upstream.stop)
            self._started = stack.pop_all()
        # What is loaded by now stays for good; walking it in every full collection would stop all requests for 50 ms.
        gc.collect()
        gc.freeze()

    async def stop(self) -> None:
        """Stops them in reverse order."""
        await self._started.aclose()

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send, public_base_url=self._settings.public_base_url)
        guard = BodyGuard(exchange, self._settings.body_limit(exchange.path), self._settings)
        route = self._routes.match(exchange.path)
        outcome = "answered"
        self.metrics.in_flight.inc()
        try:
            outcome = await self._serve(exchange, guard, route)
        finally:
            self.metrics.in_flight.dec()
            exchange.label = self._routes.label(exchange.path, route, exchange.status)
            record(exchange, self.metrics, outcome)
            exchange.let_go()

    async def _serve(self, exchange: Exchange, guard: BodyGuard, route: Route) -> str:
        """Answers, or refuses; returns the outcome for the access log."""
        try:
            await self._admit_and_answer(exchange, guard, route)
        except ClientGone:
            if not exchange.sealed:
                return "client_gone"
        except Refused as refusal:
            await exchange.refuse(refusal.error, refusal.headers)
        except DomainError as error:
            await exchange.refuse(error)
        except Exception as error:
            logger.error("edge.failed", error=type(error).__name__, service=exchange.service)
            if exchange.has_started:
                # Left unfinished, so that the server cuts the connection and the answer cannot be taken for complete.
                exchange.sealed = True
                return "aborted"
            await exchange.refuse(DomainError("server.internal"))
        if exchange.sealed:
            await guard.linger()
        return "answered"

    async def _admit_and_answer(self, exchange: Exchange, guard: BodyGuard, route: Route) -> None:
        headers = exchange.headers
        exchange.request_id = request_id_from(headers.get(b"x-request-id"))
        exchange.traceparent = sane_traceparent(headers.get(b"traceparent"))
        peer = (exchange.scope.get("client") or ("", 0))[0]
        exchange.address = client_address(peer, headers.get(b"x-forwarded-for"), self._settings.trusted_proxies)
        if not is_safe_path(exchange.path, exchange.scope.get("raw_path") or b"/"):
            raise DomainError("gateway.path_invalid")
        if route.kind in (RouteKind.HEALTH, RouteKind.METRICS):
            await self._answer_operator(exchange, route, peer)
            return
        if route.needs_token:
            await self._admit_client(exchange)
        else:
            self._admit(exchange, self._addresses.take(address_key(exchange.address)))
        if route.kind is RouteKind.UNKNOWN:
            raise DomainError("gateway.address_unknown")
        exchange.service = route.service
        guard.check_declared()
        if route.kind is RouteKind.PAGE:
            await self._answer_page(exchange)
            return
        deadline = self._settings.deadline(exchange.path)
        await self._upstreams[route.service].forward(exchange, guard, deadline)

    async def _admit_client(self, exchange: Exchange) -> None:
        authorization = exchange.headers.get(b"authorization")
        try:
            token = self._tokens.remembered(authorization)
        except DomainError:
            self._admit(exchange, self._addresses.take(address_key(exchange.address)))
            raise
        if token is None:
            # Verifying costs a signature check, so strangers get as many as any other anonymous request.
            self._admit(exchange, self._addresses.take(address_key(exchange.address)))
            token = await self._tokens.verify(authorization)
        exchange.actor = token.actor
        self._admit(exchange, self._clients.take(f"{token.actor.client}\n{token.actor.subject}"))

    def _admit(self, exchange: Exchange, ticket: Ticket) -> None:
        exchange.limit_headers = ticket.headers
        if not ticket.admitted:
            error = DomainError("gateway.rate_limited", params={"quota": ticket.quota, "window": ticket.window})
            raise Refused(error, [(b"retry-after", str(ticket.retry_after).encode())])

    async def _answer_operator(self, exchange: Exchange, route: Route, peer: str) -> None:
        if route.kind is RouteKind.METRICS:
            if not is_loopback(peer) or b"x-forwarded-for" in exchange.headers or b"forwarded" in exchange.headers:
                raise DomainError("gateway.address_unknown")
            content_type = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
            await exchange.answer(200, self.metrics.exposition(), [content_type])
            return
        if exchange.path == "/health/live":
            await exchange.answer(200, b'{"status":"alive"}', [_JSON])
            return
        is_ready, checks = await self._readiness.check()
        circuits = {name: upstream.circuit() for name, upstream in self._upstreams.items()}
        document = {"status": "ready" if is_ready else "not_ready", "checks": checks, "circuits": circuits}
        await exchange.answer(200 if is_ready else 503, json.dumps(document).encode(), [_JSON])

    async def _answer_page(self, exchange: Exchange) -> None:
        if exchange.method not in ("GET", "HEAD"):
            raise Refused(DomainError("request.method_not_allowed"), [(b"allow", b"GET, HEAD")])
        try:
            page = await self._site.page(exchange.path, exchange.headers)
        except UpstreamError as error:
            logger.warning("pages.upstream_failed", error=type(error).__name__)
            raise Refused(
                DomainError("server.unavailable", params={"what": "OpenAPI"}), [(b"retry-after", b"2")]
            ) from error
        if page is None:
            raise DomainError("gateway.address_unknown")
        await exchange.answer(page.status, page.body, page.headers)
