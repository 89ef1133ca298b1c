"""Progress out of the computing thread, and stops into it."""

import asyncio
import time
from typing import Any

import pytest

from services.monitoring.analyses.progress import REPORT_SECONDS, StoppedError, ThreadProgress
from shared.kernel.jobs.context import CancelledByUserError

pytestmark = pytest.mark.anyio


class Notebook:
    """Stands for a job's context: writes down what is reported, or refuses."""

    def __init__(self, refuse_from: int | None = None) -> None:
        self.reports: list[tuple[int, int, str]] = []
        self.refuse_from = refuse_from

    async def progress(self, done: int, total: int, step: str) -> None:
        if self.refuse_from is not None and done >= self.refuse_from:
            raise CancelledByUserError
        self.reports.append((done, total, step))


def started(notebook: Any) -> ThreadProgress:
    return ThreadProgress(notebook, asyncio.get_running_loop())


async def test_at_most_four_reports_a_second_and_always_the_last() -> None:
    notebook = Notebook()
    progress = started(notebook)

    def work() -> None:
        for number in range(1, 201):
            progress.report(number, 200, "gathering")
            time.sleep(0.003)

    began = time.monotonic()
    await asyncio.to_thread(work)
    elapsed = time.monotonic() - began
    assert notebook.reports[0] == (1, 200, "gathering")
    assert notebook.reports[-1] == (200, 200, "gathering")
    assert len(notebook.reports) <= elapsed / REPORT_SECONDS + 2


async def test_a_refused_report_ends_the_work() -> None:
    progress = started(Notebook(refuse_from=1))
    with pytest.raises(CancelledByUserError):
        await asyncio.to_thread(progress.report, 1, 10, "gathering")


async def test_a_stopped_worker_ends_the_work_at_its_next_step() -> None:
    notebook = Notebook()
    progress = started(notebook)
    progress.stop()
    with pytest.raises(StoppedError):
        await asyncio.to_thread(progress.report, 10, 10, "gathering")
    assert notebook.reports == []
