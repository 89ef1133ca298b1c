"""A service in a process of its own, as it runs in production, on a database that a benchmark has made."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import psutil

from launch.ports import free_port
from shared.kernel.app import Service
from shared.kernel.settings import ServiceSettings

_NAMES = ("database_url", "store_url", "secrets_dir", "jwks", "issuer", "gateway_url", "client_id")
_LIVE_SECONDS = 30.0


class Running:
    """A service that can be killed and started again."""

    def __init__(self, service: Service, settings: ServiceSettings) -> None:
        self._service, self._port = service, free_port(18_700)
        prefix = service.name.upper()
        self._environment = {
            **os.environ,
            "ENV": "test",
            f"{prefix}_PORT": str(self._port),
            f"{prefix}_LOG_LEVEL": "error",
        }
        for name in _NAMES:
            value = getattr(settings, name)
            text = value.get_secret_value() if hasattr(value, "get_secret_value") else str(value)
            self._environment[f"{prefix}_{name.upper()}"] = text
        self.start()

    @property
    def address(self) -> str:
        """Where its routes begin."""
        return f"http://127.0.0.1:{self._port}{self._service.prefix}"

    @property
    def ps(self) -> psutil.Process:
        """The process."""
        return psutil.Process(self._process.pid)

    def start(self) -> None:
        """Starts it and waits until it answers.

        Raises:
            TimeoutError: it did not.
        """
        command = [sys.executable, "-m", f"services.{self._service.name}", "api"]
        self._process = subprocess.Popen(command, env=self._environment)  # noqa: S603 - our own module
        deadline = time.monotonic() + _LIVE_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"http://127.0.0.1:{self._port}/health/live").status_code == 200:
                    return
            time.sleep(0.1)
        raise TimeoutError(self._service.name)

    def kill(self) -> None:
        """Ends it at once, whatever it is doing."""
        self._process.kill()
        self._process.wait(20)

    def stop(self) -> None:
        """Ends it in good order."""
        self._process.terminate()
        self._process.wait(20)


@contextlib.contextmanager
def running(service: Service, settings: ServiceSettings) -> Iterator[Running]:
    """The service while the block runs."""
    started = Running(service, settings)
    try:
        yield started
    finally:
        started.stop()
