"""The whole launch with the real database: from an empty folder to ready, through crashes, to a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from launch.ports import is_free, readiness
from shared.kernel.embedded_postgres import folder
from tests.launch.crew import WEB_SCRIPT, until

PROJECT = Path(__file__).resolve().parents[2]
FINE = "import os; print('migrated as', os.environ['OWNER_URL'].split('@')[0])"


class Running:
    """One launch as its own process, and everything it has said so far."""

    def __init__(self, var_dir: Path, port: int, step: str) -> None:
        environment = {"VAR_DIR": str(var_dir), "GATEWAY_PORT": str(port), "PATH": os.environ["PATH"]}
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("sample_launch.py")), step, WEB_SCRIPT],
            env=environment | {"PYTHONPATH": str(PROJECT), "LC_ALL": "C"},
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.text = ""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.text += line.decode("utf-8")

    def wait_ready(self) -> None:
        until(lambda: "The platform is ready" in self.text or self.process.poll() is not None, seconds=20)
        assert "The platform is ready" in self.text, self.text

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(30)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


class Launcher:
    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.launches: list[Running] = []

    def __call__(self, port: int, step: str = FINE) -> Running:
        self.launches.append(Running(self.var_dir, port, step))
        return self.launches[-1]

    def servers(self) -> list[psutil.Process]:
        return folder.servers_on(self.var_dir / "postgres")


@pytest.fixture
def launch() -> Iterator[Launcher]:
    with tempfile.TemporaryDirectory(prefix="launch-") as made:
        launcher = Launcher(Path(made).resolve() / "var")
        yield launcher
        for running in launcher.launches:
            running.end()


def test_from_an_empty_folder_to_ready_and_back(launch: Launcher, port: int) -> None:
    running = launch(port)
    running.wait_ready()
    assert readiness("127.0.0.1", port) == (True, "answered")
    assert "平台已就绪" in running.text
    assert "city-admin" in running.text
    assert "postgresql+asyncpg://roster_owner" in (launch.var_dir / "log" / "migrate-roster.log").read_text()
    assert running.end() == 0
    assert running.text.rstrip().endswith("Stopped.")
    assert "stopped politely" in (launch.var_dir / "log" / "web.log").read_text()
    assert launch.servers() == []
    assert is_free("127.0.0.1", port)

    again = launch(port)
    again.wait_ready()
    secrets = json.loads((launch.var_dir / "secrets" / "gateway" / "accounts.json").read_text())
    assert secrets["accounts"][0]["password"] in running.text
    assert secrets["accounts"][0]["password"] not in again.text
    assert again.end(signal.SIGINT) == 0


def test_a_database_killed_under_it_comes_back(launch: Launcher, port: int) -> None:
    running = launch(port)
    running.wait_ready()
    first = folder.status(launch.var_dir / "postgres")
    assert first is not None
    os.kill(first[0], signal.SIGKILL)
    until(lambda: "PostgreSQL is back" in running.text, seconds=15)
    second = folder.status(launch.var_dir / "postgres")
    assert second is not None
    assert second[0] != first[0]
    assert second[1] == "ready"
    assert running.end() == 0


def test_a_second_one_on_the_same_folder_is_refused_and_the_first_unharmed(launch: Launcher, port: int) -> None:
    first = launch(port)
    first.wait_ready()
    second = launch(port)
    assert second.process.wait(10) == 1
    second.end()
    assert f"平台已在此数据目录上运行（进程 {first.process.pid}" in second.text
    assert "set another VAR_DIR and GATEWAY_PORT" in second.text
    assert readiness("127.0.0.1", port)[0]


def test_a_busy_port_is_named_with_the_variable_that_changes_it(launch: Launcher, port: int) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        running = launch(port)
        assert running.process.wait(10) == 1
        running.end()
    assert f"端口 127.0.0.1:{port} 已被其他程序占用" in running.text
    assert "GATEWAY_PORT" in running.text
    assert launch.servers() == []


def test_killed_outright_it_leaves_nothing_that_keeps_the_next_from_starting(launch: Launcher, port: int) -> None:
    first = launch(port)
    first.wait_ready()
    first.end(signal.SIGKILL)
    second = launch(port)
    second.wait_ready()
    assert second.end() == 0


def test_a_failed_step_ends_the_start_with_what_it_said(launch: Launcher, port: int) -> None:
    running = launch(port, "import sys; print('column grade_level is missing'); sys.exit(7)")
    assert running.process.wait(20) == 1
    running.end()
    assert "步骤 migrate-roster 失败（退出码 7）" in running.text
    assert "column grade_level is missing" in running.text
    assert launch.servers() == []


def test_ctrl_c_in_the_middle_of_a_step_stops_at_once(launch: Launcher, port: int) -> None:
    running = launch(port, "import time; print('long', flush=True); time.sleep(60)")
    log = launch.var_dir / "log" / "migrate-roster.log"
    until(lambda: log.exists() and "long" in log.read_text(), seconds=15)
    assert running.end(signal.SIGINT) == 0
    assert "Stopped." in running.text
    assert launch.servers() == []
