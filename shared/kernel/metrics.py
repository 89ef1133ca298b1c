"""Prometheus metrics every service has."""

from __future__ import annotations

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter("http_requests", "Requests by route and status", ["service", "method", "route", "status"])
SECONDS = Histogram("http_request_seconds", "Time to the first byte of the answer", ["service", "route"])
JOBS_FINISHED = Counter("jobs_finished", "Jobs by kind and final state", ["service", "kind", "state"])


class MetricsMiddleware:
    """Counts and times requests under their route's template, so that ids never become labels."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self.app = app
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "unmatched")
                REQUESTS.labels(self.service, scope["method"], route, message["status"]).inc()
                SECONDS.labels(self.service, route).observe(time.perf_counter() - started)
            await send(message)

        await self.app(scope, receive, send_counted)
