"""One process running the workers of every service. ``python -m launch.workers``."""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping

from launch.topology import SERVICES
from shared.kernel.logging import configure_logging, logger

Worker = Callable[[asyncio.Event], Awaitable[None]]


def workers_of_services() -> Mapping[str, Worker]:
    """Each service's worker by the fixed name ``services.<name>.worker.run``."""
    return {service: importlib.import_module(f"services.{service}.worker").run for service in SERVICES}


async def run_workers(workers: Mapping[str, Worker], stop: asyncio.Event) -> list[str]:
    """Runs all until ``stop`` is set; when one ends before, the others are stopped too.

    Returns:
        Names of the workers that ended without being asked: the supervisor restarts the process then.
    """
    tasks = {asyncio.create_task(_begin(worker, stop), name=name): name for name, worker in workers.items()}
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
    was_asked = stopping in done
    stop.set()
    await asyncio.wait({*tasks, stopping})
    failed = []
    for task, name in tasks.items():
        error = task.exception()
        if error is not None or (task in done and not was_asked):
            logger.error("worker.ended", worker=name, error=type(error).__name__ if error else None)
            failed.append(name)
    return failed


async def _begin(worker: Worker, stop: asyncio.Event) -> None:
    await worker(stop)


async def main() -> int:
    """Runs until SIGTERM or SIGINT; exit code 1 when a worker failed."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return 1 if await run_workers(workers_of_services(), stop) else 0


if __name__ == "__main__":
    configure_logging("workers")
    sys.exit(asyncio.run(main()))
