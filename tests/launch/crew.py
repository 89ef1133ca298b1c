"""Real small processes for the supervisor to keep, and a terminal that remembers."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

from launch.children import Traces
from launch.console import Console
from launch.supervision import RestartPolicy, Supervisor
from launch.topology import ProcessSpec

WEB_SCRIPT = """
import http.server, signal, sys, threading, time
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            print("slow began", flush=True)
            time.sleep(1)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"answered")
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer)
server.daemon_threads = False
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print("listening", flush=True)
server.serve_forever()
server.server_close()
print("stopped politely", flush=True)
"""


class Terminal(Console):
    """A console whose lines can be read back."""

    def __init__(self) -> None:
        super().__init__(io.StringIO())

    @property
    def text(self) -> str:
        assert isinstance(self.stream, io.StringIO)
        return self.stream.getvalue()


class Crew:
    """Supervisors over given processes, all stopped at the end of the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.terminal = Terminal()
        self.traces = Traces(folder / "run" / "processes.json")
        self._supervisors: list[Supervisor] = []

    def of(self, *specs: ProcessSpec, **options: object) -> Supervisor:
        policy = RestartPolicy(first_pause=0.05, longest_pause=0.2, quick_seconds=2.0, quick_limit=3)
        supervisor = Supervisor(
            specs, log_dir=self.folder, console=self.terminal, traces=self.traces, **({"policy": policy} | options)
        )
        self._supervisors.append(supervisor)
        return supervisor

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8")

    def stop(self) -> None:
        for supervisor in self._supervisors:
            supervisor.stop(patience=2)


def script(name: str, source: str, *arguments: str, **options: object) -> ProcessSpec:
    return ProcessSpec(name, (sys.executable, "-c", source, *arguments), **options)


def until(condition: Callable[[], object], *, tick: Callable[[], None] = lambda: None, seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        tick()
        time.sleep(0.02)
