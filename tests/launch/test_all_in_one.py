"""The one web process and the one worker process, under the real server."""

from __future__ import annotations

import asyncio
import http.client
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from launch.ports import is_free
from launch.workers import run_workers
from tests.launch.crew import until

PROJECT = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from gateway.__main__ import serve
serve("sample_web:build", host="127.0.0.1", port=int(sys.argv[1]))
"""


class Web:
    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.notes_file = folder / "notes"
        self.notes_file.touch()
        self.children: list[subprocess.Popen[bytes]] = []

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(self.port)],
            env={"NOTES": str(self.notes_file), "PYTHONPATH": f"{PROJECT}:{Path(__file__).parent}"} | environment,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.children.append(child)
        return child

    def get(self, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return bool(self.get("/"))
        except OSError:
            return False

    @property
    def notes(self) -> list[str]:
        return self.notes_file.read_text().splitlines()


@pytest.fixture
def web(port: int, tmp_path: Path) -> Iterator[Web]:
    web = Web(port, tmp_path)
    yield web
    for child in web.children:
        child.kill()
        child.wait()


def test_a_stop_answers_what_is_in_hand_and_lets_the_application_close(web: Web) -> None:
    server = web.start()
    until(web.answers)
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(web.get("/roster?slow")))
    asking.start()
    until(lambda: "slow began" in web.notes)
    server.terminate()
    asking.join()
    assert server.wait(10) == 0
    assert answers[0].startswith("answered by")
    assert web.notes == ["up", "slow began", "down"]
    assert is_free("127.0.0.1", web.port)


def test_an_application_that_cannot_start_ends_the_server(web: Web) -> None:
    server = web.start(REFUSE="1")
    assert server.wait(10) != 0
    assert web.notes == []


def test_a_server_killed_outright_takes_its_application_s_process_along(web: Web) -> None:
    server = web.start()
    until(web.answers)
    application = psutil.Process(int(web.get("/").split()[-1]))
    assert application.pid != server.pid
    server.kill()
    until(lambda: not application.is_running() or application.status() == psutil.STATUS_ZOMBIE)
    until(lambda: is_free("127.0.0.1", web.port))


@pytest.mark.anyio
async def test_workers_stop_together_when_asked() -> None:
    stop, ended = asyncio.Event(), []

    async def worker(stopping: asyncio.Event) -> None:
        await stopping.wait()
        ended.append("ended")

    asyncio.get_running_loop().call_later(0.05, stop.set)
    assert await run_workers({"roster": worker, "monitoring": worker}, stop) == []
    assert ended == ["ended", "ended"]


@pytest.mark.anyio
async def test_a_worker_that_fails_stops_the_others_in_order_and_is_named() -> None:
    stop, ended = asyncio.Event(), []

    async def patient(stopping: asyncio.Event) -> None:
        await stopping.wait()
        ended.append("ended")

    async def failing(stopping: asyncio.Event) -> None:
        raise ConnectionError

    assert await run_workers({"roster": patient, "monitoring": failing}, stop) == ["monitoring"]
    assert ended == ["ended"]
