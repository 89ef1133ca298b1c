"""Long loops that let others run: a worker must keep sending heartbeats while it walks through a city's pupils."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")
STRIDE = 1_000


async def paced(items: Iterable[T]) -> AsyncIterator[T]:
    """The items, with a pause for the event loop every thousand."""
    for place, item in enumerate(items, start=1):
        yield item
        if place % STRIDE == 0:
            await asyncio.sleep(0)
