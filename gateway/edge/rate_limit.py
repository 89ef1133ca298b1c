"""Rate limits per client: token buckets in memory, told to callers as the IETF draft asks.

Headers follow draft-ietf-httpapi-ratelimit-headers: ``RateLimit-Policy`` names the quota and its window,
``RateLimit`` what remains and when it is whole again.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

from gateway.edge.headers import HeaderList
from gateway.edge.settings import Rate


class Ticket:
    """The outcome of taking one request from a bucket."""

    __slots__ = ("admitted", "headers", "quota", "retry_after", "window")

    def __init__(self, admitted: bool, tokens: float, *, name: str, rate: Rate) -> None:
        self.admitted = admitted
        self.quota = rate.burst
        self.window = math.ceil(rate.burst / rate.per_second)
        self.retry_after = 0 if admitted else max(1, math.ceil((1 - tokens) / rate.per_second))
        whole_again = math.ceil((rate.burst - tokens) / rate.per_second)
        self.headers: HeaderList = [
            (b"ratelimit-policy", f'"{name}";q={rate.burst};w={self.window}'.encode()),
            (b"ratelimit", f'"{name}";r={max(0, math.floor(tokens))};t={whole_again}'.encode()),
        ]


class RateLimiter:
    """Buckets of one kind, by key; the table is bounded, the longest unused bucket goes first.

    Args:
        name: the policy's name in the headers.
        rate: size and refill of each bucket.
        size: buckets kept at most.
        clock: monotonic seconds.
    """

    def __init__(self, name: str, rate: Rate, *, size: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._rate = rate
        self._size = size
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, key: str) -> Ticket:
        """Takes one request from the key's bucket, if it holds one."""
        now = self._clock()
        tokens, at = self._buckets.pop(key, (float(self._rate.burst), now))
        tokens = min(float(self._rate.burst), tokens + (now - at) * self._rate.per_second)
        admitted = tokens >= 1.0
        if admitted:
            tokens -= 1.0
        self._buckets[key] = (tokens, now)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return Ticket(admitted, tokens, name=self._name, rate=self._rate)


def address_key(address: str) -> str:
    """One key per IPv4 address, and per /64 of IPv6, since a household or an attacker owns all of one."""
    if ":" not in address:
        return address
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return address
