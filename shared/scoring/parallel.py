"""Subjects finished side by side: NumPy leaves the interpreter free while it counts, sorts and sums."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
MAX_THREADS = 4
"""More would cost memory for every subject under way, and gain little."""


def each(function: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """Applies a pure function to every item on a few threads; answers in the order of the items.

    Args:
        function: depends on its item only, so that nothing depends on which thread comes first.
        items: subjects, items, levels: few and large, never candidates.

    Raises:
        Exception: whatever the function raised for the first item that failed.
    """
    with ThreadPoolExecutor(min(MAX_THREADS, os.cpu_count() or 1)) as pool:
        return list(pool.map(function, items))


def ahead(function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
    """Applies a pure function to every item, each while the caller still works on the answer before.

    Args:
        function: as for :func:`each`.
        items: few and large; at most two answers are alive at a time.
    """
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[Answer] | None = None
        for item in items:
            following = pool.submit(function, item)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()
