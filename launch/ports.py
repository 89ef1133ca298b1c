"""Ports on this machine, and whether the gateway behind one is ready."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Collection
from contextlib import closing

from launch.errors import LaunchError
from launch.settings import LOOPBACK

READY_PATH = "/health/ready"


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        # Connections that a stopped server left in TIME_WAIT do not make the port busy.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def refuse_busy(host: str, port: int) -> None:
    """Raises when another program listens at the gateway's port."""
    if not is_free(host, port):
        raise LaunchError(
            f"端口 {host}:{port} 已被其他程序占用；请停止该程序，或用 GATEWAY_PORT 换一个端口，"
            f"例如 GATEWAY_PORT={port + 1} make run。",
            f"Port {host}:{port} is used by another program; stop it, or choose another with GATEWAY_PORT, "
            f"e.g. GATEWAY_PORT={port + 1} make run.",
        )


def free_port(preferred: int, *, avoid: Collection[int] = ()) -> int:
    """The preferred loopback port if it is free, else one the system picks."""
    if preferred < 65536 and preferred not in avoid and is_free(LOOPBACK, preferred):
        return preferred
    with closing(socket.socket()) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def readiness(host: str, port: int, *, seconds: float = 2.0) -> tuple[bool, str]:
    """Whether ``/health/ready`` answers 200, and what it answered (or why it did not), at most 500 characters."""
    # http.client and not urllib: no proxy of the environment stands between us and our own machine.
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", READY_PATH)
        answer = connection.getresponse()
        return answer.status == 200, answer.read(2000).decode("utf-8", errors="replace")[:500]
    except (OSError, http.client.HTTPException) as error:
        return False, str(error)[:500]
    finally:
        connection.close()
