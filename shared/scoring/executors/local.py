"""Gathering in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from shared.scoring.executors.base import Partition, Summary


@dataclass(frozen=True, slots=True)
class LocalExecutor:
    """One partition after another; Polars and NumPy use the cores inside each."""

    def map_partitions(
        self, gather: Callable[[Partition], Summary], partitions: Iterable[Partition]
    ) -> Iterator[Summary]:
        """See :meth:`shared.scoring.executors.base.Executor.map_partitions`."""
        return map(gather, partitions)
