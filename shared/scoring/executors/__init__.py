"""Where partitions are gathered: this process, a pool of processes, or a Dask cluster. The figures are the same."""

from shared.scoring.executors.base import Executor
from shared.scoring.executors.choice import ExecutorChoice, ExecutorKind, open_executor, parse_executor
from shared.scoring.executors.gathering import gather_partition, gather_partitions

__all__ = [
    "Executor",
    "ExecutorChoice",
    "ExecutorKind",
    "gather_partition",
    "gather_partitions",
    "open_executor",
    "parse_executor",
]
