"""Limits, deadlines and trust of the edge, as one table an operator can replace (``GATEWAY_EDGE``, JSON)."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PositiveFloat, PositiveInt

KIB, MIB = 1 << 10, 1 << 20


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BodyLimit(_Frozen):
    """The largest body of the paths a pattern is found in."""

    pattern: Pattern
    max_bytes: PositiveInt


class Deadline(_Frozen):
    """How long the services of the paths a pattern is found in may take.

    Args:
        pattern: regular expression searched in the path.
        headers_seconds: from the end of the request's body to the first byte of the answer.
        idle_seconds: the longest silence while a body flows, in either direction.
    """

    pattern: Pattern
    headers_seconds: PositiveFloat
    idle_seconds: PositiveFloat


class Rate(_Frozen):
    """A token bucket: ``burst`` at once, refilled at ``per_second``."""

    per_second: PositiveFloat
    burst: PositiveInt


class EdgeSettings(_Frozen):
    """What the edge allows."""

    #: Address under which callers reach us, e.g. ``https://data.example.gov.cn``; problem types become absolute with it.
    public_base_url: str | None = None
    #: Only these peers are believed about ``X-Forwarded-*``.
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    max_body_bytes: PositiveInt = 2 * MIB
    body_limits: tuple[BodyLimit, ...] = (
        BodyLimit(pattern=r"/(mark-sheets|item-sheets|imports)(/|:|$)|:upload$", max_bytes=64 * MIB),
        BodyLimit(pattern=r"/evidence$", max_bytes=64 * MIB),
        BodyLimit(pattern=r":batch$", max_bytes=16 * MIB),
    )
    #: A body may pause this long, and must average this rate once it has been awaited for the grace period.
    body_idle_seconds: PositiveFloat = 15.0
    body_grace_seconds: PositiveFloat = 10.0
    body_min_bytes_per_second: PositiveInt = 1 * KIB

    connect_seconds: PositiveFloat = 2.0
    default_deadline: Deadline = Deadline(pattern="", headers_seconds=30.0, idle_seconds=30.0)
    deadlines: tuple[Deadline, ...] = (
        Deadline(
            pattern=r"/(mark-sheets|item-sheets|imports)(/|:|$)|:(upload|batch)$",
            headers_seconds=120.0,
            idle_seconds=60.0,
        ),
        Deadline(pattern=r"/(results|changes|files|bundles)(/|:|$)", headers_seconds=60.0, idle_seconds=60.0),
    )
    #: Shorter than the five seconds after which uvicorn closes an idle connection, so that none is reused too late.
    upstream_keepalive_seconds: PositiveFloat = 4.0
    upstream_connections: PositiveInt = 256
    breaker_failures: PositiveInt = 5
    breaker_open_seconds: PositiveFloat = 5.0

    client_rate: Rate = Rate(per_second=100.0, burst=300)
    anonymous_rate: Rate = Rate(per_second=20.0, burst=100)
    rate_table_size: PositiveInt = 50_000
    token_cache_size: PositiveInt = 10_000
    ready_seconds: PositiveFloat = 2.0

    def body_limit(self, path: str) -> int:
        """Largest body accepted at a path, bytes."""
        for limit in self.body_limits:
            if re.search(limit.pattern, path):
                return limit.max_bytes
        return self.max_body_bytes

    def deadline(self, path: str) -> Deadline:
        """Deadlines of a path."""
        for deadline in self.deadlines:
            if re.search(deadline.pattern, path):
                return deadline
        return self.default_deadline
