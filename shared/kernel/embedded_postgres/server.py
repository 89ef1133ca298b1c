"""The embedded server as a child process that this process owns: start, wait, watch, stop."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from shared.kernel.embedded_postgres import binaries, configuration, folder
from shared.kernel.embedded_postgres.errors import EmbeddedPostgresError
from shared.kernel.embedded_postgres.leash import leashed

FAST_SHUTDOWN = signal.SIGINT
IMMEDIATE_SHUTDOWN = signal.SIGQUIT
POLL_SECONDS = 0.03


class EmbeddedPostgres:
    """PostgreSQL 18 on a folder of ours, reached through a socket inside that folder only.

    As a context manager it starts, waits until queries are answered, and stops on leaving. A supervisor that must not
    block uses ``prepare``, ``spawn``, ``is_ready``, ``poll`` and ``stop`` itself. Call ``spawn`` from a thread that
    lives as long as the server should: the server ends with it.

    Args:
        data_dir: the data folder; made and initialized when absent.
        durable: False gives up surviving a power cut for speed. For tests only.
        log_file: where the server writes; by default ``<data_dir>.log`` beside the folder.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True, log_file: Path | None = None) -> None:
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self.log_file = log_file or self.data_dir.with_name(f"{self.data_dir.name}.log")
        self._lock = folder.FolderLock(self.data_dir.with_name(f"{self.data_dir.name}.lock"))
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """Process id of the server we started, or ``None``."""
        return self._child.pid if self._child else None

    def start(self, *, on_wait: Callable[[float], None] | None = None) -> None:
        """Prepares, spawns and waits until ready; stops again if the wait fails."""
        self.prepare()
        try:
            self.spawn()
            self.wait_ready(on_wait=on_wait)
        except BaseException:
            self.stop()
            raise

    def prepare(self) -> None:
        """Takes the folder for this process and initializes it when it is new.

        Raises:
            EmbeddedPostgresError: production, a path too long for a socket, another owner, or ``initdb`` failed.
        """
        folder.refuse_unsuitable(self.data_dir)
        holder = self._lock.acquire()
        if holder is not None:
            raise EmbeddedPostgresError(
                f"数据目录 {self.data_dir} 正由另一个进程（{holder}）使用；请先停止它，或设置另一个 VAR_DIR。",
                f"{self.data_dir} is in use by process {holder}; stop that one, or set another VAR_DIR.",
            )
        try:
            self._prepare_folder()
        except BaseException:
            self._lock.release()
            raise

    def spawn(self) -> None:
        """Starts the server process without waiting for it; also restarts one that ended."""
        folder.clear_leftovers(self.data_dir)
        self._write_access_files()
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        command = [binaries.program("postgres"), *configuration.server_arguments(self.data_dir, durable=self.durable)]
        descriptor = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self._child = subprocess.Popen(  # noqa: S603 - our own command line
                leashed(command, on_parent_death=FAST_SHUTDOWN, user=binaries.system_user()),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                env=binaries.child_environment(),
                cwd=self.data_dir.parent,
                start_new_session=True,
            )
        finally:
            os.close(descriptor)

    def poll(self) -> int | None:
        """Exit code of the server process if it has ended, ``None`` while it runs."""
        return self._child.poll() if self._child else 0

    def is_ready(self) -> bool:
        """Whether our server answers queries; False during start and crash recovery."""
        return self._child is not None and folder.status(self.data_dir) == (self._child.pid, "ready")

    def wait_ready(self, *, on_wait: Callable[[float], None] | None = None) -> None:
        """Waits as long as the server lives: recovery after a crash may rightly take minutes.

        Args:
            on_wait: called about once a second with the seconds waited so far.
        """
        began = time.monotonic()
        told = 0
        while not self.is_ready():
            if self.poll() is not None:
                raise EmbeddedPostgresError(
                    f"内置 PostgreSQL 启动失败，日志 {self.log_file} 末尾：\n{self.log_tail()}",
                    f"The embedded PostgreSQL did not start; the end of its log {self.log_file} is above.",
                )
            waited = time.monotonic() - began
            if on_wait is not None and int(waited) > told:
                told = int(waited)
                on_wait(waited)
            time.sleep(POLL_SECONDS)

    def stop(self, *, patience: float = 60.0) -> None:
        """Fast shutdown and release of the folder; after ``patience`` seconds an immediate one. Safe to call twice."""
        try:
            if self._child is not None:
                self._stop_child(self._child, patience)
        finally:
            self._child = None
            self._lock.release()

    def log_tail(self, lines: int = 8) -> str:
        """The last lines the server wrote."""
        try:
            return "\n".join(self.log_file.read_text("utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def admin_url(self, database: str = "postgres") -> str:
        """Address of ``database`` as superuser for asyncpg or libpq."""
        return self.url(binaries.SUPERUSER, database)

    def url(self, role: str, database: str) -> str:
        """Address of ``database`` as ``role`` for asyncpg or libpq (``postgresql://``)."""
        return f"postgresql://{quote(role, safe='')}@/{quote(database, safe='')}?host={quote(str(self.data_dir))}"

    def sqlalchemy_url(self, role: str, database: str) -> str:
        """The same for SQLAlchemy (``postgresql+asyncpg://``)."""
        return self.url(role, database).replace("postgresql://", "postgresql+asyncpg://", 1)

    def _stop_child(self, child: subprocess.Popen[bytes], patience: float) -> None:
        for how, seconds in ((FAST_SHUTDOWN, patience), (IMMEDIATE_SHUTDOWN, 10.0), (signal.SIGKILL, 10.0)):
            if child.poll() is None:
                child.send_signal(how)
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            return

    def _prepare_folder(self) -> None:
        user = binaries.system_user()
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        if user is not None:
            binaries.let_read_installation()
            binaries.let_reach(self.data_dir)
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialize(user)
        if user is not None:
            shutil.chown(self.data_dir, user)
        self.data_dir.chmod(0o700)

    def _initialize(self, user: str | None) -> None:
        """Runs ``initdb`` beside the folder and renames the result, so that a half-made folder never has the name."""
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise EmbeddedPostgresError(
                f"目录 {self.data_dir} 不为空，也不是数据库目录；请移走其中的内容，或设置另一个 VAR_DIR。",
                f"{self.data_dir} is neither empty nor a database; move its contents away, or set another VAR_DIR.",
            )
        made = Path(tempfile.mkdtemp(prefix=f"{self.data_dir.name}.new-", dir=self.data_dir.parent))
        try:
            if user is not None:
                shutil.chown(made, user)
            self._run_initdb(made, user)
            if self.data_dir.exists():
                self.data_dir.rmdir()
            made.rename(self.data_dir)
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _run_initdb(self, made: Path, user: str | None) -> None:
        arguments = configuration.initdb_arguments(made, durable=self.durable, superuser=binaries.SUPERUSER)
        command = [binaries.program("initdb"), *arguments]
        outcome = subprocess.run(  # noqa: S603 - our own command line
            leashed(command, on_parent_death=signal.SIGTERM, user=user),
            capture_output=True,
            text=True,
            env=binaries.child_environment(),
            cwd=made.parent,
            check=False,
        )
        if outcome.returncode:
            raise EmbeddedPostgresError(
                f"数据库目录初始化失败：{outcome.stderr.strip()[-1000:]}",
                "The database folder could not be initialized; what PostgreSQL said is above.",
            )

    def _write_access_files(self) -> None:
        """Replaces who may connect, on every start, so that the folder never carries an older and looser rule."""
        users = list(dict.fromkeys([binaries.operating_user(), binaries.system_user() or ""]))
        for name, text in configuration.access_files([user for user in users if user]).items():
            path = self.data_dir / name
            path.write_text(text, "utf-8")
            path.chmod(0o600)
            if user := binaries.system_user():
                shutil.chown(path, user)
