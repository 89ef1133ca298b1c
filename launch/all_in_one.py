"""One web process: the gateway dispatches in memory to every service's application. ``python -m launch.all_in_one``."""

from __future__ import annotations

import importlib
import os
import signal
from typing import Any

from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.server import MPServer
from starlette.types import ASGIApp

from launch.lifespans import Living, household
from launch.settings import LOOPBACK
from launch.topology import SERVICES
from shared.kernel.embedded_postgres.leash import die_with_parent
from shared.kernel.logging import configure_logging
from shared.kernel.settings import load_settings

BACKLOG = 1024
# Seconds a stopping server gives the requests in hand; the supervisor kills it after 20.
GRACE_SECONDS = 15


def settings_class(service: str) -> Any:
    """The settings class of a service or the gateway, by the fixed names: ``<package>.settings.<Name>Settings``."""
    package = "gateway" if service == "gateway" else f"services.{service}"
    words = "".join(word.title() for word in service.split("_"))
    return getattr(importlib.import_module(f"{package}.settings"), f"{words}Settings")


def build() -> ASGIApp:
    """The whole platform as one application; raises ConfigurationError naming every setting that is missing."""
    # The server's own child would otherwise outlive a killed server and keep its port.
    die_with_parent(signal.SIGTERM)
    gateway_settings = load_settings(settings_class("gateway"))
    configure_logging("web", gateway_settings.log_level)
    services = {}
    for service in SERVICES:
        create_app = importlib.import_module(f"services.{service}.app").create_app
        services[service] = Living(service, create_app(load_settings(settings_class(service))))
    build_edge = importlib.import_module("gateway.edge.app").build_edge
    return household(build_edge(gateway_settings, services), services)


def serve(target: str, *, host: str, port: int) -> None:
    """Serves an application under granian until SIGTERM, one process for the socket and one for the application.

    Args:
        target: ``module:factory``, imported in the application's process.
        host: listen address.
        port: listen port.
    """
    server = MPServer(
        target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=BACKLOG,
        log_access=False,
        workers_kill_timeout=GRACE_SECONDS,
        # Slow headers are dropped after ten seconds.
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
    )
    server.serve()


if __name__ == "__main__":
    serve(
        "launch.all_in_one:build",
        host=os.environ.get("GATEWAY_HOST", LOOPBACK),
        port=int(os.environ.get("GATEWAY_PORT", "8000")),
    )
