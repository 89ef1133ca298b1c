"""The gateway's command line: ``python -m gateway api | check | migrate | accounts | audit-verify``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import typer

from gateway.edge.proxy import ProxiedUpstream
from gateway.identity.commands import add_identity_commands, schema_fault
from gateway.server import serve
from gateway.settings import GatewaySettings
from shared.kernel.identity.signing_keys import open_signing_keys
from shared.kernel.logging import configure_logging
from shared.kernel.settings import ConfigurationError, load_settings

__all__ = ["command", "serve"]

T = TypeVar("T")

command = typer.Typer(no_args_is_help=True, add_completion=False, help="Gateway", pretty_exceptions_enable=False)


@command.command()
def api() -> None:
    """Serve the gateway."""
    settings = _settings()
    serve("gateway.serving:create_app", host=settings.host, port=settings.port, log_level=settings.log_level)


@command.command()
def check() -> None:
    """Check settings, keys and, given the owner's address, the schema; exit 1 with a sentence when something is off."""
    settings = _settings()
    if not settings.upstreams:
        _exit("GATEWAY_UPSTREAMS names no service")
    keys = _or_exit(lambda: open_signing_keys(settings.signing_folder))
    for name, address in settings.upstreams.items():
        _or_exit(partial(ProxiedUpstream, name, address, settings.edge))
    if settings.migration_database_url is not None and (fault := schema_fault(settings)):
        _exit(fault)
    typer.echo(f"gateway: {len(settings.upstreams)} services, signing key {keys.current.kid}")


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


add_identity_commands(command, _settings)

if __name__ == "__main__":
    command()
