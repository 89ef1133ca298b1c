"""Keeps processes running: restarts with growing pauses, gives up with a sentence, stops in order."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from launch import log_files
from launch.children import Traces, signal_group, spawn, wait_until
from launch.console import Console
from launch.errors import LaunchError
from launch.topology import ProcessSpec

ROTATION_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When an ended process is started again.

    Args:
        first_pause: seconds before the first restart; doubled at each quick end after it.
        longest_pause: seconds, at most.
        quick_seconds: a process that lived less than this ended quickly.
        quick_limit: after so many quick ends in a row it is given up.
    """

    first_pause: float = 0.5
    longest_pause: float = 30.0
    quick_seconds: float = 10.0
    quick_limit: int = 5

    def pause(self, quick_ends: int) -> float:
        """Seconds to wait before the restart after so many quick ends in a row."""
        return min(self.first_pause * 2.0 ** max(quick_ends - 1, 0), self.longest_pause)


@dataclass(slots=True)
class Kept:
    """One process being kept: what it is and how it fares."""

    spec: ProcessSpec
    log: Path
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    log_offset: int = 0
    quick_ends: int = 0
    restarts: int = 0
    restart_at: float | None = None
    given_up: bool = field(default=False)

    @property
    def is_running(self) -> bool:
        """Whether the process lives, as far as the last look told."""
        return self.child is not None and self.child.returncode is None


class Supervisor:
    """Keeps the processes of a topology running. ``tick`` does a little of the work and never blocks for long.

    Use it from one thread that lives as long as the processes should: the leash is tied to that thread.

    Args:
        specs: the processes, in starting order.
        log_dir: folder of their logs.
        console: where to say what happens.
        policy: when to restart.
        traces: where to record the running children.
        may_restart: asked before a restart; False while what the processes need (the database) is away, and an end
            during that time does not count against a process.
    """

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        *,
        log_dir: Path,
        console: Console,
        traces: Traces,
        policy: RestartPolicy | None = None,
        may_restart: Callable[[], bool] = lambda: True,
    ) -> None:
        self.kept = {spec.name: Kept(spec, log_dir / f"{spec.name}.log") for spec in specs}
        self.policy = policy or RestartPolicy()
        self.stopping = False
        self.settled = False
        self._console = console
        self._traces = traces
        self._may_restart = may_restart
        self._rotate_at = 0.0

    def start(self) -> None:
        """Starts every process."""
        for kept in self.kept.values():
            self._start(kept)

    def tick(self) -> None:
        """Notices ends, restarts what is due, cuts large logs.

        Raises:
            LaunchError: a process was given up that the platform cannot do without, or any was during the start.
        """
        if self.stopping:
            return
        for kept in self.kept.values():
            if kept.child is not None and kept.child.poll() is not None and kept.restart_at is None:
                self._note_end(kept)
            if kept.restart_at is not None and time.monotonic() >= kept.restart_at and self._may_restart():
                kept.restarts += 1
                self._start(kept)
        if time.monotonic() >= self._rotate_at:
            self._rotate_at = time.monotonic() + ROTATION_SECONDS
            for kept in self.kept.values():
                log_files.rotate(kept.log)

    def stop(self, *, patience: float = 20.0, is_urgent: Callable[[], bool] = lambda: False) -> None:
        """Stops all, those of the lowest stop order first: SIGTERM, then SIGKILL for what outlives ``patience``.

        Args:
            patience: seconds each order gets to finish its requests or jobs.
            is_urgent: True cuts the patience short (a second Ctrl-C).
        """
        self.stopping = True
        by_order = sorted(self.kept.values(), key=lambda kept: kept.spec.stop_order)
        for _, group in itertools.groupby(by_order, key=lambda kept: kept.spec.stop_order):
            children = [kept.child for kept in group if kept.child is not None]
            for child in children:
                if child.poll() is None:
                    child.send_signal(signal.SIGTERM)
            deadline = time.monotonic() + patience
            while not wait_until(min(deadline, time.monotonic() + 0.2), children):
                if is_urgent() or time.monotonic() >= deadline:
                    break
            for child in children:
                signal_group(child.pid, signal.SIGKILL)
                child.wait()
        self._traces.path.unlink(missing_ok=True)

    def _start(self, kept: Kept) -> None:
        output = log_files.open_log(kept.log)
        kept.log_offset = kept.log.stat().st_size
        try:
            kept.child = spawn(kept.spec.command, environment=kept.spec.environment, output=output)
        finally:
            os.close(output)
        kept.started_at = time.monotonic()
        kept.restart_at = None
        self._traces.record(other.child.pid for other in self.kept.values() if other.child and other.is_running)

    def _note_end(self, kept: Kept) -> None:
        if kept.child is None or kept.given_up:
            return
        # What it started itself (a server's own workers) may still hold its port.
        signal_group(kept.child.pid, signal.SIGKILL)
        if not self._may_restart():
            kept.restart_at = time.monotonic()
            return
        lived = time.monotonic() - kept.started_at
        kept.quick_ends = kept.quick_ends + 1 if lived < self.policy.quick_seconds else 1
        how = _how_it_ended(kept.child.returncode)
        if kept.quick_ends >= self.policy.quick_limit and lived < self.policy.quick_seconds:
            self._give_up(kept, how)
            return
        pause = self.policy.pause(kept.quick_ends)
        kept.restart_at = time.monotonic() + pause
        self._console.say(
            f"进程 {kept.spec.name} 已退出（{how}），{pause:.1f} 秒后重启。",
            f"Process {kept.spec.name} ended ({how}); restarting in {pause:.1f} s.",
        )

    def _give_up(self, kept: Kept, how: str) -> None:
        kept.given_up = True
        error = LaunchError(
            f"进程 {kept.spec.name} 连续 {kept.quick_ends} 次很快退出（{how}），不再重启。日志 {kept.log} 末尾：\n"
            f"{log_files.tail(kept.log, since=kept.log_offset)}",
            f"Process {kept.spec.name} ended quickly {kept.quick_ends} times in a row ({how}) and is given up. "
            f"The end of its log {kept.log} is above.",
        )
        if kept.spec.essential or not self.settled:
            raise error
        self._console.complain(error.zh, error.en)


def _how_it_ended(returncode: int) -> str:
    if returncode >= 0:
        return f"exit {returncode}"
    try:
        return signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
