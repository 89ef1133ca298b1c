"""A circuit breaker: after several failed connections in a row a service is left alone for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable


class CircuitBreaker:
    """Closed, open, or half-open with one probe under way.

    Args:
        failures: consecutive connection failures that open it.
        open_seconds: how long it stays open before one request may try.
        clock: monotonic seconds.
    """

    def __init__(self, failures: int, open_seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._is_probing = False

    @property
    def state(self) -> str:
        """``closed``, ``open`` or ``half_open``."""
        if self._opened_at is None:
            return "closed"
        return "half_open" if self._is_probing or self.retry_after() <= 0 else "open"

    def retry_after(self) -> float:
        """Seconds until a probe may go out; zero or less when it may go now."""
        if self._opened_at is None:
            return 0.0
        return self._opened_at + self._open_seconds - self._clock()

    def admits(self) -> bool:
        """Whether a request may go out; in the half-open state only the first one may."""
        if self._opened_at is None:
            return True
        if self._is_probing or self.retry_after() > 0:
            return False
        self._is_probing = True
        return True

    def connected(self) -> None:
        """A connection was made: all is well."""
        self._failures = 0
        self._opened_at = None
        self._is_probing = False

    def failed(self) -> None:
        """A connection could not be made."""
        self._failures += 1
        if self._is_probing or self._failures >= self._limit:
            self._opened_at = self._clock()
        self._is_probing = False

    def abandoned(self) -> None:
        """A request ended without telling whether a connection can be made, so another may probe."""
        self._is_probing = False
