"""What an executor is: it applies one function to every partition."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Partition = TypeVar("Partition")
Summary = TypeVar("Summary")
Answer = TypeVar("Answer")


class Executor(Protocol):
    """Applies a function to partitions, anywhere.

    Where partitions travel, the function, the partitions and the summaries must be picklable: a function of a module
    (or a ``functools.partial`` of one), not a lambda.
    """

    def map_partitions(
        self, gather: Callable[[Partition], Summary], partitions: Iterable[Partition]
    ) -> Iterator[Summary]:
        """Yields one summary per partition, in the order of the partitions.

        Args:
            gather: pure function of one partition.
            partitions: read lazily, never far ahead of what is being gathered.

        Raises:
            Exception: whatever ``gather`` raised for the first partition that failed; the rest is not started.
        """
        ...


def in_flight(
    start: Callable[[Partition], Answer],
    finish: Callable[[Answer], Summary],
    partitions: Iterable[Partition],
    *,
    limit: int,
    cancel: Callable[[Answer], object],
) -> Iterator[Summary]:
    """Keeps at most ``limit`` partitions under way and yields their summaries in order.

    Args:
        start: hands a partition out and returns at once.
        finish: waits for one that was handed out.
        partitions: read only as room becomes free, so that a city never lies in memory as a whole.
        limit: how many may be under way.
        cancel: gives one up that is no longer wanted.
    """
    waiting: deque[Answer] = deque()
    try:
        for partition in partitions:
            waiting.append(start(partition))
            if len(waiting) >= limit:
                yield finish(waiting.popleft())
        while waiting:
            yield finish(waiting.popleft())
    finally:
        for answer in waiting:
            cancel(answer)
