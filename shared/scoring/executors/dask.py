"""Gathering on a Dask cluster. Needs the optional extra ``dask``; nothing is imported before it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.scoring.executors.base import Partition, Summary, in_flight
from shared.terms.errors import DomainError

_AHEAD = 2
CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class DaskExecutor:
    """Workers of a running cluster; each must have this project's code and its dependencies installed.

    Args:
        address: the scheduler, ``host:port``.
    """

    address: str

    def map_partitions(
        self, gather: Callable[[Partition], Summary], partitions: Iterable[Partition]
    ) -> Iterator[Summary]:
        """See :meth:`shared.scoring.executors.base.Executor.map_partitions`.

        Raises:
            DomainError: ``scoring.executor_missing`` without the extra, ``scoring.executor_unreachable`` without a
                scheduler at the address.
        """
        with _connect(self.address) as client:
            threads = sum(client.nthreads().values())

            def start(partition: Partition) -> Any:
                # Not pure: equal partitions are gathered each for itself, and nothing is hashed or kept.
                return client.submit(gather, partition, pure=False)

            def finish(future: Any) -> Any:
                summary = future.result()
                future.release()
                return summary

            def cancel(future: Any) -> None:
                future.cancel()

            yield from in_flight(start, finish, partitions, limit=max(threads, 1) * _AHEAD, cancel=cancel)


def _connect(address: str) -> Any:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as error:
        raise DomainError("scoring.executor_missing", params={"extra": "dask"}) from error
    try:
        return distributed.Client(f"tcp://{address}", timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise DomainError("scoring.executor_unreachable", params={"address": address}) from error
