"""Runs `make run` as a newcomer would: from an empty folder until it is ready, asks it, stops it, and once again."""

import http.client
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

READY = "The platform is ready"
PATIENCE_SECONDS = 600.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_ready(run: subprocess.Popen[str]) -> None:
    """Passes the output on until the ready line; exits with a sentence when it does not come."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in run.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (line := lines.get(timeout=max(deadline - time.monotonic(), 0.1))) is not None:
        if READY in line:
            return
    sys.exit("make run ended before it was ready")


def ask(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200 or not body:
        sys.exit(f"GET {path} answered {answer.status}")


def live_once(topology: str, folder: str) -> None:
    port = free_port()
    environment = os.environ | {"TOPOLOGY": topology, "VAR_DIR": folder, "GATEWAY_PORT": str(port)}
    run = subprocess.Popen(
        ["make", "run"],  # noqa: S607 - whichever make the machine has
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        wait_ready(run)
        for path in ("/health/ready", "/api", "/api/docs"):
            ask(port, path)
    finally:
        # What Ctrl-C at a terminal does: the whole foreground group gets it.
        os.killpg(run.pid, signal.SIGINT)
        run.wait(120)
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            sys.exit("something still listens after the stop")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="edu-", ignore_cleanup_errors=True) as folder:
        for _ in range(2):
            live_once(sys.argv[1], str(Path(folder) / "var"))


if __name__ == "__main__":
    main()
