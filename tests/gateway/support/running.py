"""Server processes for tests, and a client without a mind of its own."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[3]
SUPPORT = Path(__file__).parent


def free_port() -> int:
    """A loopback port nobody listens at now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Answer:
    """A response, read whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Server:
    """A running server process."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    token: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        timeout: float = 10.0,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            sent = {"Authorization": f"Bearer {token or self.token}", **(headers or {})}
            if token == "":
                del sent["Authorization"]
            is_chunked = "Transfer-Encoding" in sent
            connection.request(method, path, body=body, headers=sent, encode_chunked=is_chunked)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def connect(self, timeout: float = 10.0) -> socket.socket:
        """A bare socket to the server."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def stats(self) -> dict[str, int]:
        """What the sample service behind this server has counted."""
        found: dict[str, int] = self.ask("GET", "/api/v1/sample/stats").json()
        return found

    def resident_bytes(self) -> int:
        """Memory of the server and its children."""
        whole = psutil.Process(self.process.pid)
        return sum(process.memory_info().rss for process in (whole, *whole.children(recursive=True)))

    def log_lines(self) -> list[dict[str, Any]]:
        """The JSON lines of its log so far."""
        lines = self.log.read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


@contextmanager
def running(
    command: list[str], *, port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Runs a server until the block ends; waits until it listens."""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{SUPPORT}", **(environment or {})},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    try:
        _await_listening(port, process, log)
        yield Server(port, process, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _await_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the server did not start: {log.read_text('utf-8', errors='replace')[-2000:]}")


def until(condition: Any, *, seconds: float = 5.0) -> bool:
    """Whether a condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())
