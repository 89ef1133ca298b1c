"""Gathering in a pool of processes on this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass

from shared.scoring.executors.base import Partition, Summary, in_flight

_AHEAD = 2
"""Partitions waiting per worker, so that none is ever idle."""


@dataclass(frozen=True, slots=True)
class PoolExecutor:
    """Fresh processes (spawned, never forked: Polars' threads do not survive a fork), ended with the iteration.

    Args:
        workers: number of processes, at least 1.
    """

    workers: int

    def map_partitions(
        self, gather: Callable[[Partition], Summary], partitions: Iterable[Partition]
    ) -> Iterator[Summary]:
        """See :meth:`shared.scoring.executors.base.Executor.map_partitions`."""
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(self.workers, mp_context=context) as pool:

            def start(partition: Partition) -> Future[Summary]:
                return pool.submit(gather, partition)

            yield from in_flight(start, Future.result, partitions, limit=self.workers * _AHEAD, cancel=Future.cancel)
