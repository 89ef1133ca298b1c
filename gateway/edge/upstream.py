"""What the edge needs of a service, wherever it runs."""

from __future__ import annotations

from typing import Protocol

from gateway.edge.exchange import Exchange
from gateway.edge.guard import BodyGuard
from gateway.edge.settings import Deadline


class UpstreamError(Exception):
    """A service did not give the document it was asked for."""


class Upstream(Protocol):
    """A service behind the gateway: in this process or at an address."""

    name: str

    async def start(self) -> None:
        """Opens what serving needs; called once, before the first request."""

    async def stop(self) -> None:
        """Closes it again."""

    async def forward(self, exchange: Exchange, guard: BodyGuard, deadline: Deadline) -> None:
        """Has the service answer the exchange.

        Raises:
            Refused: the service could not be asked, or did not answer in time.
            ClientGone: the caller left.
        """

    async def get(self, path: str, *, seconds: float) -> tuple[int, bytes]:
        """Status and body of a plain GET of ours; raises UpstreamError when there is no answer in time."""

    def circuit(self) -> str:
        """State of the circuit breaker."""
