"""Child processes: on a leash, in a group of their own, recorded so that the next start can find what was left."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from launch.settings import PROJECT
from shared.kernel.embedded_postgres.leash import leashed

LIBRARIES = {
    # Many small matrices are multiplied, where a thread pool of BLAS costs up to sixty times what it brings.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Frames come and go: pages that are free stay with the process until the system wants them. Given back and asked for
    # again they cost a seventh of an analysis. Few arenas, for each has free pages of its own.
    "_RJEM_MALLOC_CONF": f"muzzy_decay_ms:-1,narenas:{max(2, os.cpu_count() or 2)}",
}
"""How libraries work in our processes, unless the environment says otherwise."""
# Known to the supervisor only: an administrator's address has no business in a service.
WITHHELD = ("DATABASE_URL",)


def spawn(
    command: Sequence[str], *, environment: Mapping[str, str], output: int | None = None
) -> subprocess.Popen[bytes]:
    """Starts a program that gets SIGTERM when this process ends, however it ends.

    It leads a session of its own, so that Ctrl-C at the terminal reaches only the supervisor, which stops the others
    in order, and so that what it started itself can be ended with it.

    Args:
        command: program and arguments.
        environment: variables beside our own.
        output: file descriptor for its output; our own when ``None``.
    """
    inherited = LIBRARIES | {name: value for name, value in os.environ.items() if name not in WITHHELD}
    return subprocess.Popen(
        leashed(list(command), on_parent_death=signal.SIGTERM),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=inherited | dict(environment),
        cwd=PROJECT,
        start_new_session=True,
    )


def signal_group(pid: int, number: signal.Signals) -> None:
    """Sends a signal to all that is left of a child's group; nothing when nothing is."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


@dataclass(frozen=True, slots=True)
class Traces:
    """The file that names the running children, for a supervisor that comes after one that was killed."""

    path: Path

    def record(self, pids: Iterable[int]) -> None:
        """Writes down the children, each with its birth so that a reused number is not mistaken for it."""
        entries = []
        for pid in pids:
            with contextlib.suppress(psutil.NoSuchProcess):
                entries.append({"pid": pid, "born": psutil.Process(pid).create_time()})
        temporary = self.path.with_suffix(".new")
        temporary.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(entries), "utf-8")
        temporary.replace(self.path)

    def clear(self, *, patience: float = 20.0) -> int:
        """Ends the recorded children that still live, gently at first, and returns how many there were.

        Their supervisor is dead, so they have had its farewell SIGTERM already on Linux.
        """
        left = self._living()
        for process in left:
            signal_group(process.pid, signal.SIGTERM)
        psutil.wait_procs(left, timeout=patience)
        for process in left:
            signal_group(process.pid, signal.SIGKILL)
        self.path.unlink(missing_ok=True)
        return len(left)

    def _living(self) -> list[psutil.Process]:
        try:
            entries = json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        living = []
        for entry in entries:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(entry["pid"])
                if abs(process.create_time() - entry["born"]) < 1.0 and process.status() != psutil.STATUS_ZOMBIE:
                    living.append(process)
        return living


def wait_until(deadline: float, children: Iterable[subprocess.Popen[bytes]]) -> bool:
    """Waits until all have ended or the monotonic deadline passes; says whether all have."""
    waiting = list(children)
    while waiting := [child for child in waiting if child.poll() is None]:
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True
