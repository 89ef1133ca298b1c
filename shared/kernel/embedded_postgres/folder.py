"""The data folder: may it be used, who holds it, what an earlier life left in it."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from pathlib import Path

import psutil

from shared.kernel.embedded_postgres.errors import EmbeddedPostgresError

SOCKET = ".s.PGSQL.5432"
# sizeof(sun_path) less its closing zero.
SOCKET_PATH_LIMIT = 107 if sys.platform.startswith("linux") else 103
PID_FILE = "postmaster.pid"
STATUS_LINE = 7


def refuse_unsuitable(folder: Path) -> None:
    """Raises when the embedded server may not or cannot run on ``folder``."""
    if os.environ.get("ENV") == "production":
        raise EmbeddedPostgresError(
            "ENV=production 时不使用内置 PostgreSQL；请设置 DATABASE_URL 指向正式的 PostgreSQL 16 或更高版本。",
            "The embedded PostgreSQL is not for ENV=production; set DATABASE_URL to a PostgreSQL 16 or newer.",
        )
    length = len(os.fsencode(folder / SOCKET))
    if length > SOCKET_PATH_LIMIT:
        raise EmbeddedPostgresError(
            f"数据目录 {folder} 的路径过长：数据库套接字路径有 {length} 字节，上限 {SOCKET_PATH_LIMIT}；"
            "请把 VAR_DIR 设为路径更短的目录。",
            f"The path of {folder} is too long: the database socket would need {length} bytes and the limit is "
            f"{SOCKET_PATH_LIMIT}; set VAR_DIR to a shorter folder.",
        )


class FolderLock:
    """An exclusive hold on a folder by one living process; the kernel lets go when the process ends, however it ends.

    Args:
        path: the lock file, beside the folder or in it; it stays behind, empty of meaning once unlocked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        # A bare descriptor: a file object that is collected would let go in silence.
        self._descriptor: int | None = None

    def acquire(self) -> int | None:
        """Takes the hold and returns ``None``, or returns the pid of the holder (0 when it cannot be read)."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            text = os.read(descriptor, 32).strip()
            os.close(descriptor)
            return int(text) if text.isdigit() else 0
        os.truncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return None

    def release(self) -> None:
        """Lets go; safe to call twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def status(folder: Path) -> tuple[int, str] | None:
    """Pid and status word (``starting``, ``ready``, ``stopping``) from the server's pid file; ``None`` without one."""
    try:
        lines = (folder / PID_FILE).read_text("utf-8", errors="replace").splitlines()
    except (FileNotFoundError, PermissionError):
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    word = lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else "starting"
    return int(lines[0]), word


def servers_on(folder: Path) -> list[psutil.Process]:
    """Every living PostgreSQL process, main or helper, whose working folder is ``folder``."""
    found = []
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] != "postgres" or process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        try:
            if Path(process.cwd()) == folder:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def clear_leftovers(folder: Path, *, patience: float = 30.0) -> None:
    """Ends what a killed owner left running on the folder and removes a pid file that names a stranger.

    Call only while holding the folder's lock: then a server there has no owner any more. A fast shutdown rolls open
    transactions back and loses nothing that was committed.
    """
    deadline = time.monotonic() + patience
    stopped = False
    while left := servers_on(folder):
        current = status(folder)
        main = next((process for process in left if current and process.pid == current[0]), None)
        if main is not None and not stopped:
            main.send_signal(2)
            stopped = True
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"目录 {folder} 上已有一个 PostgreSQL 在运行（进程 {left[0].pid}）且未能停止；请先停止它。",
                f"A PostgreSQL is already running on {folder} (process {left[0].pid}) and did not stop; stop it first.",
            )
        time.sleep(0.05)
    current = status(folder)
    if current is not None and psutil.pid_exists(current[0]):
        # The number was given to another program since (a reboot): PostgreSQL would refuse to start for ever.
        (folder / PID_FILE).unlink(missing_ok=True)
