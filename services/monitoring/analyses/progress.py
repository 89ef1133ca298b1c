"""Progress out of the thread that computes, and stops into it."""

from __future__ import annotations

import asyncio
import threading
import time

from shared.kernel.jobs.context import JobContext

REPORT_SECONDS = 0.25


class StoppedError(Exception):
    """The worker is shutting down; another one will run the job from its frozen inputs."""


class ThreadProgress:
    """Carries progress from the computing thread to the job, and a stop of the job into the thread.

    Reports at most four times a second (and the last step always). A report that is refused, because the job was
    cancelled or another worker has taken it over, raises in the thread and so ends the computation.
    """

    def __init__(self, context: JobContext, loop: asyncio.AbstractEventLoop) -> None:
        self._context = context
        self._loop = loop
        self._stopped = threading.Event()
        self._reported_at = float("-inf")

    def stop(self) -> None:
        """Ends the computation at its next step."""
        self._stopped.set()

    def report(self, done: int, total: int, step: str) -> None:
        """Reports a step; blocks until the job has taken note."""
        if self._stopped.is_set():
            raise StoppedError
        moment = time.monotonic()
        if done < total and moment - self._reported_at < REPORT_SECONDS:
            return
        self._reported_at = moment
        asyncio.run_coroutine_threadsafe(self._context.progress(done, total, step), self._loop).result()
