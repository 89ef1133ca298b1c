"""The whole platform as ``make run`` starts it, and people who use it through the gateway."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).parents[2]
READY = "The platform is ready"
PATIENCE_SECONDS = 240.0


class Platform:
    """A platform in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.output: list[str] = []
        self._tokens: dict[str, tuple[str, float]] = {}
        self._clock = folder.parent / "clock"
        self._days = 0

    def let_days_pass(self, days: int) -> None:
        """The platform's clock goes on by so many days; tokens given before have run out."""
        self._days += days
        self._clock.write_text(str(self._days * 86_400), "ascii")
        self._tokens.clear()

    def start(self) -> None:
        """Starts it and waits until the demonstration is loaded and the address is printed."""
        environment = os.environ | {
            "VAR_DIR": str(self.folder),
            "GATEWAY_PORT": str(self.port),
            "CLOCK_OFFSET_FILE": str(self._clock),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launch", "run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (line := lines.get(timeout=max(deadline - time.monotonic(), 0.1))) is not None:
            if READY in line:
                return
        raise AssertionError("the platform did not start:\n" + "".join(self.output[-60:]))

    def _read(self, lines: queue.Queue[str | None]) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line)
            lines.put(line)
        self.process.stdout.close()
        lines.put(None)

    def stop(self) -> int:
        """What Ctrl-C does; returns the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(90)

    @property
    def accounts_file(self) -> Path:
        return self.folder / "secrets" / "gateway" / "accounts.json"

    def run_demo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the demonstration again, as a person would."""
        environment = os.environ | {
            "DEMO_GATEWAY_URL": self.address,
            "DEMO_ACCOUNTS_FILE": str(self.accounts_file),
        }
        command = [sys.executable, "-m", "demo", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def token(self, name: str) -> str:
        """A token of a client or account of the accounts file; kept until shortly before it ends."""
        token, until = self._tokens.get(name, ("", 0.0))
        if time.monotonic() < until:
            return token
        entries = json.loads(self.accounts_file.read_text("utf-8"))
        clients = {entry["client_id"]: entry["secret"] for entry in entries["clients"]}
        people = {entry["username"]: entry["password"] for entry in entries["accounts"]}
        form = {"grant_type": "client_credentials"}
        if name in people:
            form = {"grant_type": "password", "username": name, "password": people[name]}
        basic = None if name in people else (name, clients[name])
        answer = httpx.post(f"{self.address}/oauth/token", data=form, auth=basic, timeout=30)
        assert answer.status_code == 200, answer.text
        self.keep_token(name, answer.json())
        return self._tokens[name][0]

    def keep_token(self, name: str, answer: dict[str, Any]) -> None:
        """Keeps a token under a name."""
        self._tokens[name] = (answer["access_token"], time.monotonic() + answer["expires_in"] - 60)

    def ask(self, name: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        """One request through the gateway in somebody's name."""
        headers = dict(options.pop("headers", {}))
        if name is not None:
            headers["Authorization"] = f"Bearer {self.token(name)}"
        url = path if path.startswith("http") else self.address + path
        return httpx.request(method, url, headers=headers, timeout=60, **options)

    def get(self, name: str | None, path: str, **options: Any) -> Any:
        """The JSON body of a GET that succeeds."""
        answer = self.ask(name, "GET", path, **options)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.json()

    def finished_job(self, name: str, location: str, seconds: float = 90) -> dict[str, Any]:
        """Waits for a job to end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.get(name, location)
            if job["finished_at"]:
                return job
            time.sleep(0.1)
        raise TimeoutError(location)

    def workers(self) -> list[psutil.Process]:
        """Processes that run background jobs."""
        mine = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in mine if child.is_running() and "launch.workers" in " ".join(_command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        command: list[str] = process.cmdline()
    except psutil.Error:
        return []
    return command


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
