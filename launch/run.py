"""The launch, step by step: prepare, start, wait until ready, show, stay, stop in order."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from launch import farewell, log_files, topology
from launch.children import Traces, signal_group, spawn
from launch.console import Console
from launch.database_keeper import DatabaseKeeper
from launch.errors import LaunchError, StopRequested
from launch.ports import readiness, refuse_busy
from launch.preparation import postgres_folder, prepare_folders, prepare_secrets, provision_database
from launch.settings import LaunchSettings
from launch.supervision import Supervisor
from launch.topology import GATEWAY, SCHEMAS, ProcessSpec, maintenance_environment, process_specs, python
from shared.kernel.database.provisioning import ServiceDatabase
from shared.kernel.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from shared.kernel.embedded_postgres.folder import FolderLock

READY_SECONDS = 180.0
POLL_SECONDS = 0.1

Databases = Mapping[str, ServiceDatabase]


class Launch:
    """One life of the platform on one ``var`` folder, from the lock to the last process.

    Args:
        settings: what to launch.
        console: where to say what happens.
        specs: which processes to run once the databases are known.
        steps: commands that must succeed before the processes start, by name, with their environment.
    """

    def __init__(
        self,
        settings: LaunchSettings,
        console: Console,
        *,
        specs: Callable[[LaunchSettings, Databases], Sequence[ProcessSpec]] = process_specs,
        steps: Callable[[LaunchSettings, Databases], Sequence[ProcessSpec]] | None = None,
    ) -> None:
        self.settings = settings
        self.console = console
        self._specs = specs
        self._steps = steps or preparatory_steps
        self._signals = 0
        self._lock = FolderLock(settings.var_dir / "run" / "supervisor.lock")
        self._traces = Traces(settings.var_dir / "run" / "processes.json")
        self._keeper: DatabaseKeeper | None = None
        self._supervisor: Supervisor | None = None

    def run(self) -> int:
        """Runs until someone asks to stop; returns the exit code: 0 after a wished stop, 1 after a failure."""
        previous = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        try:
            self._start()
            while True:
                self.wait()
        except StopRequested:
            return 0
        except (LaunchError, EmbeddedPostgresError) as error:
            self.console.complain(error.zh, error.en)
            return 1
        finally:
            self._stop()
            for number, former in previous.items():
                signal.signal(number, former)

    def wait(self) -> None:
        """One short wait, with everything kept running meanwhile; raises StopRequested when a signal has come."""
        if self._signals:
            raise StopRequested
        if self._keeper is not None:
            self._keeper.tick()
        if self._supervisor is not None:
            self._supervisor.tick()
        time.sleep(POLL_SECONDS)

    def run_step(self, step: ProcessSpec, *, shown: bool = False) -> None:
        """Runs a command to its end.

        Args:
            step: the command; its output goes to its own log file.
            shown: True lets its output through to the terminal instead.

        Raises:
            LaunchError: it failed; the sentence carries the end of its output.
        """
        log = self.settings.log_dir / f"{step.name}.log"
        output = None if shown else log_files.open_log(log)
        since = log.stat().st_size if log.exists() else 0
        try:
            child = spawn(step.command, environment=step.environment, output=output)
        finally:
            if output is not None:
                os.close(output)
        try:
            while child.poll() is None:
                self.wait()
        finally:
            signal_group(child.pid, signal.SIGTERM if child.poll() is None else signal.SIGKILL)
            with contextlib.suppress(Exception):
                child.wait(10)
        if child.returncode:
            raise LaunchError(
                f"步骤 {step.name} 失败（退出码 {child.returncode}）。{'' if shown else log_files.tail(log, since=since)}",
                f"The step {step.name} failed with exit code {child.returncode}"
                + ("; what it said is above." if shown else f"; its log is {log}."),
            )

    def _start(self) -> None:
        step = self.console.step
        with step("准备数据目录", f"Preparing the data folder {self.settings.var_dir}"):
            prepare_folders(self.settings)
            self._take_folder()
            refuse_busy(self.settings.host, self.settings.port)
        with step("检查密钥与初始账号", "Checking secrets and first accounts"):
            has_new_accounts = prepare_secrets(self.settings)
        embedded_url = self._start_postgres()
        with step("检查数据库、角色与模式", "Checking database, roles and schemas"):
            databases = provision_database(self.settings, embedded_url)
        for command in self._steps(self.settings, databases):
            with step(f"执行 {command.name}", f"Running {command.name}"):
                self.run_step(command)
        self._start_processes(databases)
        if self.settings.demo:
            with step("装载演示数据", "Loading the demonstration"):
                self.run_step(demonstration(self.settings), shown=True)
        farewell.show(self.console, self.settings, has_new_accounts=has_new_accounts)

    def _take_folder(self) -> None:
        holder = self._lock.acquire()
        if holder is not None:
            raise LaunchError(
                f"平台已在此数据目录上运行（进程 {holder}，目录 {self.settings.var_dir}）；请先停止它，"
                "或设置另一个 VAR_DIR 与 GATEWAY_PORT。",
                f"The platform already runs on this data folder (process {holder}, {self.settings.var_dir}); stop it, "
                "or set another VAR_DIR and GATEWAY_PORT.",
            )
        if left := self._traces.clear():
            self.console.say(
                f"已清理上次异常退出留下的 {left} 个进程。", f"Ended {left} process(es) left by a killed supervisor."
            )

    def _start_postgres(self) -> str | None:
        if self.settings.database_url is not None:
            return None
        log = self.settings.log_dir / "postgres.log"
        postgres = EmbeddedPostgres(postgres_folder(self.settings), log_file=log)
        with self.console.step("启动内置 PostgreSQL", "Starting the embedded PostgreSQL"):
            postgres.prepare()
            self._keeper = DatabaseKeeper(postgres, console=self.console)
            self._keeper.start()
            postgres.wait_ready(on_wait=self._on_database_wait)
        return postgres.admin_url()

    def _on_database_wait(self, seconds: float) -> None:
        if self._signals:
            raise StopRequested
        if int(seconds) % 5 == 0:
            self.console.say(
                f"数据库正在恢复，已等待 {seconds:.0f} 秒……", f"The database is recovering, {seconds:.0f} s so far ..."
            )

    def _start_processes(self, databases: Databases) -> None:
        keeper = self._keeper
        self._supervisor = Supervisor(
            self._specs(self.settings, databases),
            log_dir=self.settings.log_dir,
            console=self.console,
            traces=self._traces,
            may_restart=keeper.is_ready if keeper else lambda: True,
        )
        with self.console.step("启动服务", f"Starting the services ({self.settings.topology})"):
            self._supervisor.start()
            self._await_ready()
            self._supervisor.settled = True

    def _await_ready(self) -> None:
        host = self.settings.address.removeprefix("http://").rpartition(":")[0].strip("[]")
        began = time.monotonic()
        is_ready, answer = False, ""
        while not is_ready:
            if time.monotonic() - began > READY_SECONDS:
                raise LaunchError(
                    f"服务在 {READY_SECONDS:.0f} 秒内未就绪，最后的回答：{answer}。日志在 {self.settings.log_dir}。",
                    f"The services were not ready within {READY_SECONDS:.0f} s; the logs are in {self.settings.log_dir}.",
                )
            self.wait()
            is_ready, answer = readiness(host, self.settings.port)

    def _stop(self) -> None:
        if self._supervisor is not None or self._keeper is not None:
            self.console.say("正在停止……", "Stopping ...")
        already = self._signals
        if self._supervisor is not None:
            self._supervisor.stop(is_urgent=lambda: self._signals > max(already, 1))
        if self._keeper is not None:
            self._keeper.postgres.stop()
        if self._supervisor is not None or self._keeper is not None:
            self.console.say("已停止。", "Stopped.")
        self._lock.release()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's own signature
        self._signals += 1


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def preparatory_steps(settings: LaunchSettings, databases: Databases) -> Sequence[ProcessSpec]:
    """Migrations of every schema, then the first clients and accounts."""
    steps = []
    for schema in SCHEMAS:
        module = GATEWAY if schema == GATEWAY else f"services.{schema}"
        environment = maintenance_environment(schema, settings, databases[schema])
        steps.append(ProcessSpec(f"migrate-{schema}", python(module, "migrate"), environment))
    command = python(GATEWAY, "accounts", "ensure", "--file", str(settings.accounts_file))
    steps.append(ProcessSpec("accounts", command, topology.gateway_environment(settings, databases[GATEWAY])))
    return steps


def demonstration(settings: LaunchSettings) -> ProcessSpec:
    """The demonstration: a vendor of its own, which knows the gateway's address and its clients' secrets only."""
    environment = {"DEMO_GATEWAY_URL": settings.address, "DEMO_ACCOUNTS_FILE": str(settings.accounts_file)}
    return ProcessSpec("demo", python("demo", "load"), environment)
