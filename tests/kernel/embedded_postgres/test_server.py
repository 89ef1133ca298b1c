"""The embedded server for real: it starts, survives kill -9, ends with its owner and refuses to be shared."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from shared.kernel.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError, folder

PROJECT = Path(__file__).resolve().parents[3]


def ask(postgres: EmbeddedPostgres, act: Callable[[Any], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        connection = await asyncpg.connect(postgres.admin_url())
        try:
            return await act(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


def wait_for(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def durable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("pg") / "data") as postgres:
        yield postgres


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(tmp_path / "data")
    yield postgres
    postgres.stop()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("max_connections", "100"),
        ("TimeZone", "UTC"),
        ("log_error_verbosity", "terse"),
    ],
)
def test_a_durable_server_is_set_up_so(durable: EmbeddedPostgres, setting: str, value: str) -> None:
    assert ask(durable, lambda c: c.fetchval(f"SHOW {setting}")) == value


def test_its_only_door_is_a_private_socket_in_its_private_folder(durable: EmbeddedPostgres) -> None:
    socket = durable.data_dir / folder.SOCKET
    assert socket.stat().st_mode & 0o777 == 0o700
    assert durable.data_dir.stat().st_mode & 0o777 == 0o700
    assert durable.pid is not None
    listening = [c for c in psutil.Process(durable.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert listening == []


def test_names_sort_by_code_point_whatever_the_machine_speaks(durable: EmbeddedPostgres) -> None:
    query = "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b', 'B', 'é', 'a', '中', 'Z']) AS x"
    assert ask(durable, lambda c: c.fetchval(query)) == "BZabé中"


def test_after_kill_9_it_starts_again_with_everything_that_was_committed(stopped: EmbeddedPostgres) -> None:
    stopped.start()
    ask(stopped, lambda c: c.execute("CREATE TABLE marks AS SELECT generate_series(1, 1000) AS mark"))
    assert stopped.pid is not None
    os.kill(stopped.pid, signal.SIGKILL)
    wait_for(lambda: stopped.poll() is not None)
    assert (stopped.data_dir / folder.PID_FILE).exists()

    stopped.spawn()
    stopped.wait_ready()

    assert ask(stopped, lambda c: c.fetchval("SELECT sum(mark) FROM marks")) == 1000 * 1001 // 2


def test_a_second_owner_is_refused_with_a_sentence_and_does_no_harm(durable: EmbeddedPostgres) -> None:
    with pytest.raises(EmbeddedPostgresError, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(durable.data_dir).start()
    assert ask(durable, lambda c: c.fetchval("SELECT 1")) == 1


OWNER = """
import sys, time
from pathlib import Path
from shared.kernel.embedded_postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
postgres.start()
print(postgres.pid, flush=True)
time.sleep(60)
"""


def test_it_ends_with_an_owner_killed_outright_and_the_next_owner_takes_over(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "data")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT) as owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
    with EmbeddedPostgres(tmp_path / "data", durable=False) as postgres:
        assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
        assert ask(postgres, lambda c: c.fetchval("SELECT 1")) == 1


def test_a_pid_file_that_names_a_stranger_does_not_keep_it_from_starting(stopped: EmbeddedPostgres) -> None:
    stopped.start()
    stopped.stop()
    pid_file = stopped.data_dir / folder.PID_FILE
    pid_file.write_text(f"{os.getppid()}\n{stopped.data_dir}\n0\n5432\n{stopped.data_dir}\n\n 0 0\nready\n")
    stopped.start()
    assert ask(stopped, lambda c: c.fetchval("SELECT 1")) == 1


def test_the_wait_for_recovery_has_no_limit_and_is_told_of(
    stopped: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped.prepare()
    stopped.spawn()
    began = time.monotonic()
    monkeypatch.setattr(stopped, "is_ready", lambda: time.monotonic() - began > 2.3)
    told: list[float] = []
    stopped.wait_ready(on_wait=told.append)
    assert [round(seconds) for seconds in told] == [1, 2]


def test_a_server_that_cannot_start_says_what_its_log_says(stopped: EmbeddedPostgres) -> None:
    stopped.prepare()
    (stopped.data_dir / "postgresql.conf").write_text("no_such_setting = 1\n")
    stopped.spawn()
    with pytest.raises(EmbeddedPostgresError, match="no_such_setting"):
        stopped.wait_ready()


def test_an_address_carries_any_folder_name(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path / "学校 & co", durable=False) as postgres:
        assert ask(postgres, lambda c: c.fetchval("SELECT current_user")) == "postgres"
        assert postgres.sqlalchemy_url("a b", "d/e").startswith("postgresql+asyncpg://a%20b@/d%2Fe?host=/")
