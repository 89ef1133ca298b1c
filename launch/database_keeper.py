"""The embedded database under supervision: started again whenever it ends, for as long as the platform runs."""

from __future__ import annotations

import time

from launch import log_files
from launch.console import Console
from launch.supervision import RestartPolicy
from shared.kernel.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError


class DatabaseKeeper:
    """Watches an embedded server.

    Never gives up: a full disk stops PostgreSQL, and it must come back by itself once there is room.

    Args:
        postgres: the server, prepared.
        console: where to say what happens.
        policy: how long to pause before each restart.
    """

    def __init__(self, postgres: EmbeddedPostgres, *, console: Console, policy: RestartPolicy | None = None) -> None:
        self.postgres = postgres
        self.restarts = 0
        self._console = console
        self._policy = policy or RestartPolicy()
        self._quick_ends = 0
        self._spawned_at = time.monotonic()
        self._restart_at: float | None = None
        self._was_ready = True

    def start(self) -> None:
        """Starts the server without waiting for it."""
        self._spawned_at = time.monotonic()
        self.postgres.spawn()

    def is_ready(self) -> bool:
        """Whether queries are answered now."""
        return self.postgres.poll() is None and self.postgres.is_ready()

    def tick(self) -> None:
        """Notices an end, restarts when due, says when the server is back."""
        if self._restart_at is None and self.postgres.poll() is not None:
            self._note_end()
        elif self._restart_at is not None and time.monotonic() >= self._restart_at:
            self._restart()
        elif not self._was_ready and self.is_ready():
            self._was_ready = True
            self._console.say("内置 PostgreSQL 已恢复。", "The embedded PostgreSQL is back.")
        log_files.rotate(self.postgres.log_file)

    def _note_end(self) -> None:
        lived = time.monotonic() - self._spawned_at
        self._quick_ends = self._quick_ends + 1 if lived < self._policy.quick_seconds else 1
        pause = self._policy.pause(self._quick_ends)
        self._restart_at = time.monotonic() + pause
        self._was_ready = False
        self._console.complain(
            f"内置 PostgreSQL 意外停止，{pause:.1f} 秒后重启。日志末尾：\n{self.postgres.log_tail(3)}",
            f"The embedded PostgreSQL stopped unexpectedly; restarting in {pause:.1f} s.",
        )

    def _restart(self) -> None:
        self.restarts += 1
        self._restart_at = None
        try:
            self.start()
        except (EmbeddedPostgresError, OSError) as error:
            self._restart_at = time.monotonic() + self._policy.longest_pause
            self._console.complain(str(error), "The restart failed and will be tried again.")
