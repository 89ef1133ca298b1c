"""Runs one contender in a process of its own and reads its clock and its memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one contender took.

    Args:
        seconds: best of its runs.
        peak_bytes: highest resident memory of its first run, minus what the process held before it.
        note: what a reader must know, or why there is no measurement.
    """

    seconds: float | None
    peak_bytes: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way of doing a piece of work.

    Args:
        name: shown in the table; ours is ``this project``.
        run: the work, timed: from the folder of data to raw results.
        tidy: raw results to a comparable table, not timed; ``None`` where there is nothing to compare.
        prepare: done before the clock starts; its answer goes to ``run``.
        own_clock: seconds from the raw results, where a contender times itself (R without its start).
    """

    name: str
    run: Callable[[Any], Any]
    tidy: Callable[[Any], Any] | None = None
    prepare: Callable[[Path], Any] = lambda folder: folder
    own_clock: Callable[[Any], float] | None = None


def measure(contender: Contender, folder: Path, *, repeats: int, answer: Path) -> Measurement:
    """Measures in this process; called in a fresh one."""
    prepared = contender.prepare(folder)
    before = _peak()
    seconds: list[float] = []
    result: Any = None
    peak = 0
    for _ in range(repeats):
        result = None
        started = time.perf_counter()
        result = contender.run(prepared)
        seconds.append(time.perf_counter() - started)
        if contender.own_clock is not None:
            seconds[-1] = contender.own_clock(result)
        peak = peak or _peak() - before
    if contender.tidy is not None:
        contender.tidy(result).write_parquet(answer)
    return Measurement(min(seconds), max(peak, 0))


def in_own_process(work: str, contender: str, folder: Path, *, repeats: int) -> Measurement:
    """Starts ``python -m bench.one`` and reads its answer; a contender that fails is a note, not a failed run."""
    command = [sys.executable, "-m", "bench.one", work, contender, str(folder), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)  # noqa: S603
    if done.returncode:
        return Measurement(None, None, (done.stderr.strip().splitlines() or ["failed"])[-1][:200])
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def answer_path(folder: Path, work: str, contender: str) -> Path:
    """Where a contender leaves its figures."""
    return folder / f"{work}.{contender.replace(' ', '_')}.parquet"


def as_line(measurement: Measurement) -> str:
    """One line of JSON."""
    return json.dumps(asdict(measurement))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
