"""The gateway's command line: ``python -m gateway api | check``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import typer
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from gateway.edge.proxy import ProxiedUpstream
from gateway.settings import GatewaySettings
from shared.kernel.identity.signing_keys import open_signing_keys
from shared.kernel.logging import configure_logging
from shared.kernel.settings import ConfigurationError, load_settings

T = TypeVar("T")
#: A caller has this long for all of its headers, and this much room.
HEADER_MILLISECONDS = 15_000
HEADER_BYTES = 64 << 10
STOP_SECONDS = 30

command = typer.Typer(no_args_is_help=True, add_completion=False, help="Gateway", pretty_exceptions_enable=False)


@command.command()
def api() -> None:
    """Serve the gateway."""
    settings = _settings()
    serve("gateway.serving:create_app", host=settings.host, port=settings.port, log_level=settings.log_level)


@command.command()
def check() -> None:
    """Check settings and keys; exit 1 with a sentence when something is off."""
    settings = _settings()
    if not settings.upstreams:
        _exit("GATEWAY_UPSTREAMS names no service")
    keys = _or_exit(lambda: open_signing_keys(settings.signing_folder))
    for name, address in settings.upstreams.items():
        _or_exit(partial(ProxiedUpstream, name, address, settings.edge))
    typer.echo(f"gateway: {len(settings.upstreams)} services, signing key {keys.current.kid}")


def serve(target: str, *, host: str, port: int, log_level: str = "info") -> None:
    """Runs an application factory under granian until SIGTERM: one worker, HTTP/1.1, hostile clients cut off.

    Args:
        target: ``module:function`` that makes the application.
        host: listen address.
        port: listen port.
        log_level: of granian's own messages.
    """
    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=1,
        loop=Loops.uvloop,
        websockets=False,
        http="1",  # type: ignore[arg-type]
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=HEADER_BYTES),
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels(log_level),
        log_access=False,
    ).serve()


def _settings() -> GatewaySettings:
    settings = _or_exit(lambda: load_settings(GatewaySettings))
    configure_logging("gateway", settings.log_level)
    return settings


def _or_exit(act: Callable[[], T]) -> T:
    try:
        return act()
    except (ConfigurationError, ValueError) as error:
        _exit(str(error))
        raise


def _exit(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    raise typer.Exit(1)


if __name__ == "__main__":
    command()
