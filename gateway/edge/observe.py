"""What the edge leaves behind of a request: one log line and a few numbers, nothing personal."""

from __future__ import annotations

import time

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.edge.exchange import Exchange
from shared.kernel.logging import logger

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class Metrics:
    """Counters of one edge; labels are services and statuses, so their number is small and fixed."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "gateway_requests", "Requests answered", ["service", "method", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "gateway_request_seconds", "Whole exchange", ["service"], buckets=_SECONDS, registry=self.registry
        )
        self.bytes_in = Counter("gateway_received_bytes", "Body bytes", ["service"], registry=self.registry)
        self.bytes_out = Counter("gateway_sent_bytes", "Body bytes", ["service"], registry=self.registry)
        self.in_flight = Gauge("gateway_requests_in_flight", "Requests being served", registry=self.registry)

    def exposition(self) -> bytes:
        """Text for a Prometheus scrape: the edge's own and whatever services in this process count."""
        return generate_latest(self.registry) + generate_latest(REGISTRY)

    def count(self, exchange: Exchange, seconds: float) -> None:
        """Counts a finished exchange."""
        method = exchange.method if exchange.method in _METHODS else "other"
        self.requests.labels(exchange.service, method, str(exchange.status)).inc()
        self.seconds.labels(exchange.service).observe(seconds)
        if exchange.received_bytes:
            self.bytes_in.labels(exchange.service).inc(exchange.received_bytes)
        if exchange.sent_bytes:
            self.bytes_out.labels(exchange.service).inc(exchange.sent_bytes)


def record(exchange: Exchange, metrics: Metrics, outcome: str) -> None:
    """Writes the access log's line and counts; ``outcome`` tells answered, client_gone, or aborted."""
    seconds = time.perf_counter() - exchange.started_at
    metrics.count(exchange, seconds)
    logger.info(
        "request",
        method=exchange.method if exchange.method in _METHODS else "other",
        route=exchange.label,
        status=exchange.status,
        outcome=outcome,
        milliseconds=round(seconds * 1000, 1),
        received_bytes=exchange.received_bytes,
        sent_bytes=exchange.sent_bytes,
        client=exchange.actor.client if exchange.actor is not None else None,
        request_id=exchange.request_id.decode("ascii"),
    )
