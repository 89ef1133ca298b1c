"""The setting ``SCORING_EXECUTOR`` as data: ``local``, ``process:N`` or ``dask://host:port``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.scoring.executors.base import Executor
from shared.scoring.executors.dask import DaskExecutor
from shared.scoring.executors.local import LocalExecutor
from shared.scoring.executors.process_pool import PoolExecutor
from shared.terms.errors import DomainError

MAX_WORKERS = 256
_PROCESS = re.compile(r"process:([1-9][0-9]{0,2})", re.ASCII)
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\]"
_DASK = re.compile(rf"dask://((?:{_HOST}):([1-9][0-9]{{0,4}}))", re.ASCII)


class ExecutorKind(StrEnum):
    """Kinds of executors."""

    LOCAL = "local"
    PROCESS = "process"
    DASK = "dask"


@dataclass(frozen=True, slots=True)
class ExecutorChoice:
    """Which executor was chosen.

    Args:
        kind: where partitions are gathered.
        workers: processes of a pool, else 1.
        address: ``host:port`` of a Dask scheduler, else empty.
    """

    kind: ExecutorKind
    workers: int = 1
    address: str = ""


def parse_executor(text: str) -> ExecutorChoice:
    """Reads the setting.

    Args:
        text: ``local`` (also when empty), ``process:N`` with 1 ≤ N ≤ 256, or ``dask://host:port``.

    Raises:
        DomainError: ``scoring.executor_unknown`` for anything else.
    """
    wanted = text.strip()
    if wanted in ("", ExecutorKind.LOCAL):
        return ExecutorChoice(ExecutorKind.LOCAL)
    pool, cluster = _PROCESS.fullmatch(wanted), _DASK.fullmatch(wanted)
    if pool and int(pool[1]) <= MAX_WORKERS:
        return ExecutorChoice(ExecutorKind.PROCESS, workers=int(pool[1]))
    if cluster and int(cluster[2]) < 1 << 16:
        return ExecutorChoice(ExecutorKind.DASK, address=cluster[1])
    raise DomainError("scoring.executor_unknown", params={"value": wanted[:80]})


def open_executor(choice: ExecutorChoice) -> Executor:
    """The executor of a choice; no process is started and no connection made before the first partition."""
    if choice.kind is ExecutorKind.PROCESS:
        return PoolExecutor(choice.workers)
    if choice.kind is ExecutorKind.DASK:
        return DaskExecutor(choice.address)
    return LocalExecutor()
