"""Tasks carried out side by side, each once those it reads are done. Everything blocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol, TypeVar

from services.monitoring.analyses.parts.base import Task

Answer = TypeVar("Answer")
THREADS = 2
"""Tasks at a time: NumPy and Polars leave the interpreter free while they count. More would cost memory for each."""
STEPS = 100
"""Of progress, a task."""


class Progress(Protocol):
    """Takes note of how far a computation has come."""

    def report(self, done: int, total: int, step: str) -> None:
        """Takes note of a step; raises when the computation must stop."""


class AbandonedError(Exception):
    """Another task has failed: this one need not go on."""


class Steps:
    """Progress of tasks that run side by side, as one that never goes back.

    Args:
        progress: told of every step.
        tasks: codes.
        closing: parts of a task's worth that follow when all tasks are done.
    """

    def __init__(self, progress: Progress, tasks: Sequence[str], *, closing: int = 1) -> None:
        self._progress = progress
        self._done = dict.fromkeys(tasks, 0)
        self._lock = threading.Lock()
        self._abandoned = False
        self.total = STEPS * (len(tasks) + closing)

    def report(self, task: str, share: float, step: str) -> None:
        """Takes note of a task's share, from 0 to 1; raises when the computation must stop."""
        with self._lock:
            if self._abandoned:
                raise AbandonedError
            self._done[task] = max(self._done[task], min(int(STEPS * share), STEPS))
            self._progress.report(sum(self._done.values()), self.total, step)

    def abandon(self) -> None:
        """Ends every task at its next step."""
        self._abandoned = True


def run_tasks(
    tasks: Sequence[Task], work: Callable[[Task, Mapping[str, Answer]], Answer], steps: Steps
) -> dict[str, Answer]:
    """Carries out every task.

    Args:
        tasks: in an order in which each comes after those it reads.
        work: carries out one, given the answers of those it reads; the answer depends on nothing else.
        steps: where progress is noted.

    Returns:
        The answers by code, in the order of the tasks.

    Raises:
        Exception: whatever the first task to fail raised; those under way are left at their next step.
    """
    waiting = {task.code: task for task in tasks}
    running: dict[Future[Answer], Task] = {}
    answers: dict[str, Answer] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            while waiting or running:
                while task := _next(waiting, answers, list(running.values())):
                    given = {code: answers[code] for code in task.reads}
                    running[pool.submit(work, task, given)] = waiting.pop(task.code)
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    code = running.pop(future).code
                    answers[code] = future.result()
                    steps.report(code, 1, code)
        except BaseException:
            steps.abandon()
            raise
    return {task.code: answers[task.code] for task in tasks}


def _next(waiting: Mapping[str, Task], answers: Mapping[str, object], running: Sequence[Task]) -> Task | None:
    """The first task that can be begun now."""
    if len(running) == THREADS:
        return None
    is_held = any(task.holds_interpreter for task in running)
    ready = (task for task in waiting.values() if answers.keys() >= set(task.reads))
    return next((task for task in ready if not (is_held and task.holds_interpreter)), None)
