"""The platform as ``make run`` starts it, on a folder and a port of its own, and how much memory each process takes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from launch.children import LIBRARIES
from launch.ports import free_port, readiness
from launch.settings import LOOPBACK, PROJECT

STARTED_SECONDS = 180.0
STOPPED_SECONDS = 60.0
SAMPLE_SECONDS = 0.25
_DATABASE = "postgres"
_MODULES = ("launch.all_in_one", "launch.workers", "launch", "services.", "gateway")


class Memory(threading.Thread):
    """Samples every process of the platform; resident memory that is its own, and what it shares beside it.

    A process is named by what it runs, so that a restarted one is the same. PostgreSQL's are summed up as unique memory:
    its buffers are counted once.
    """

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(root)
        self._names: dict[int, str] = {}
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self.peaks: dict[str, int] = {}
        self._stage: dict[str, int] = {}

    def run(self) -> None:
        """Samples until stopped."""
        while not self._ended.wait(SAMPLE_SECONDS):
            self.sample()

    def stop(self) -> None:
        """Ends the sampling."""
        self._ended.set()
        self.join()

    def sample(self) -> None:
        """Takes one look."""
        found: dict[str, int] = {}
        with contextlib.suppress(psutil.Error):
            for process in [self._root, *self._root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    name = self._named(process)
                    bytes_held = process.memory_full_info().uss if name == "postgres" else process.memory_info().rss
                    found[name] = (
                        found.get(name, 0) + bytes_held if name == "postgres" else max(found.get(name, 0), bytes_held)
                    )
        with self._lock:
            for name, size in found.items():
                self.peaks[name] = max(self.peaks.get(name, 0), size)
                self._stage[name] = max(self._stage.get(name, 0), size)

    def stage(self) -> dict[str, int]:
        """Peaks since this was last asked."""
        self.sample()
        with self._lock:
            peaks, self._stage = self._stage, {}
        return peaks

    def cpu_seconds(self) -> float:
        """CPU time of all processes that live, their ended children included."""
        total = 0.0
        with contextlib.suppress(psutil.Error):
            for process in [self._root, *self._root.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    total += times.user + times.system + times.children_user + times.children_system
        return total

    def _named(self, process: psutil.Process) -> str:
        if process.pid not in self._names or self._names[process.pid] == "starting":
            self._names[process.pid] = _name_of(process)
        return self._names[process.pid]


def _name_of(process: psutil.Process) -> str:
    words = process.cmdline()
    text = " ".join(words)
    if _DATABASE in process.name():
        return _DATABASE
    if "tabular" in text:
        return "file reader"
    if "multiprocessing" in text:
        return "web server"
    for place, word in enumerate(words):
        if word == "-m" and words[place + 1].startswith(_MODULES):
            return " ".join(words[place + 1 : place + 3])
    return "starting"


@contextlib.contextmanager
def platform(var_dir: Path, *, topology: str) -> Iterator[tuple[dict[str, str], Memory]]:
    """The platform while the block runs: environment of a client that talks to it, and its memory.

    Raises:
        RuntimeError: it did not start.
    """
    port = free_port(18_400)
    log = var_dir / "launch.log"
    var_dir.mkdir(parents=True, exist_ok=True)
    # Polars has left settings of its own in our environment.
    environment = os.environ | LIBRARIES | {"VAR_DIR": str(var_dir), "GATEWAY_PORT": str(port)}
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", "launch", "run", "--no-demo", "--topology", topology],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            env=environment,
            start_new_session=True,
        )
    memory = Memory(process.pid)
    try:
        _await_ready(process, port, log)
        memory.start()
        accounts = var_dir / "secrets" / "gateway" / "accounts.json"
        yield {"DEMO_GATEWAY_URL": f"http://{LOOPBACK}:{port}", "DEMO_ACCOUNTS_FILE": str(accounts)}, memory
    finally:
        if memory.is_alive():
            memory.stop()
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOPPED_SECONDS)
        if process.poll() is None:
            process.kill()


def _await_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + STARTED_SECONDS
    while not readiness(LOOPBACK, port)[0]:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the platform did not start: " + log.read_text("utf-8", errors="replace")[-2_000:])
        time.sleep(0.2)
