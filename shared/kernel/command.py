"""The command line every service has: ``python -m services.<name> api | worker | migrate | check | ...``."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from typing import TypeVar

import typer
import uvicorn

from shared.kernel.app import Service, build_app, open_kernel
from shared.kernel.audit.log import ChainReport, verify_chain
from shared.kernel.database import migrations
from shared.kernel.jobs.worker import run_worker
from shared.kernel.logging import configure_logging
from shared.kernel.settings import ConfigurationError, ServiceSettings, load_settings
from shared.kernel.sweep import sweep, sweep_forever

T = TypeVar("T")


Load = Callable[[], ServiceSettings]


def service_command(service: Service) -> typer.Typer:
    """The commands of one service."""
    command = typer.Typer(
        no_args_is_help=True, add_completion=False, help=service.title, pretty_exceptions_enable=False
    )

    def load() -> ServiceSettings:
        loaded = _or_exit(lambda: load_settings(service.settings))
        configure_logging(service.name, loaded.log_level)
        return loaded

    _add_serving(command, service, load)
    _add_schema(command, service, load)
    _add_upkeep(command, service, load)
    return command


def _add_serving(command: typer.Typer, service: Service, load: Load) -> None:
    @command.command()
    def api() -> None:
        """Serve the API."""
        loaded = load()
        uvicorn.run(build_app(service, loaded), host=loaded.host, port=loaded.port, log_config=None, access_log=False)

    @command.command()
    def worker() -> None:
        """Run background jobs until SIGTERM."""
        asyncio.run(_work(service, load()))

    @command.command()
    def openapi() -> None:
        """Print the OpenAPI document."""
        typer.echo(json.dumps(build_app(service, load()).openapi(), ensure_ascii=False, indent=1))


def _add_schema(command: typer.Typer, service: Service, load: Load) -> None:
    @command.command()
    def migrate() -> None:
        """Bring the database schema up to date."""
        loaded = load()
        _or_exit(lambda: migrations.upgrade(service.migrations, loaded))

    @command.command("new-migration")
    def new_migration(message: str) -> None:
        """Write a migration from the difference between tables and database."""
        loaded = load()
        _or_exit(lambda: migrations.revision(service.migrations, loaded, message))

    @command.command()
    def check() -> None:
        """Check settings, schema and drift; exit 1 with a sentence when something is off."""
        loaded = load()
        if _or_exit(lambda: migrations.pending(service.migrations, loaded)):
            _exit(f"{service.name}: the database is behind the code; run migrate")
        if found := migrations.drift(service.metadata, loaded):
            _exit(f"{service.name}: tables and migrations differ: {found}")
        typer.echo(f"{service.name}: ok")


def _add_upkeep(command: typer.Typer, service: Service, load: Load) -> None:
    @command.command("audit-verify")
    def audit_verify() -> None:
        """Recompute the audit chain; print its head, or exit 1 at the first record that breaks it."""
        report = asyncio.run(_verify(service, load()))
        if report.first_bad_seq is not None:
            _exit(f"{service.name}: audit record {report.first_bad_seq} breaks the chain")
        typer.echo(f"{service.name}: {report.records} records, head {report.head}")

    @command.command("sweep")
    def sweep_now() -> None:
        """Clear away what was promised to be kept for a time only, and files no row names."""
        for name, count in asyncio.run(_sweep(service, load())).items():
            typer.echo(f"{service.name}: {count} {name}")


async def run_until_stopped(service: Service, settings: ServiceSettings, stop: asyncio.Event) -> None:
    """Runs the service's worker until ``stop`` is set."""
    kernel = open_kernel(service, settings)
    sweeper = asyncio.create_task(sweep_forever(kernel, service.sweeps, service.named_files))
    try:
        await run_worker(kernel, service.jobs, stop)
    finally:
        sweeper.cancel()
        await asyncio.gather(sweeper, return_exceptions=True)
        await kernel.database.close()


async def _work(service: Service, settings: ServiceSettings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_until_stopped(service, settings, stop)


async def _sweep(service: Service, settings: ServiceSettings) -> dict[str, int]:
    kernel = open_kernel(service, settings)
    try:
        return await sweep(kernel, service.sweeps, service.named_files)
    finally:
        await kernel.database.close()


async def _verify(service: Service, settings: ServiceSettings) -> ChainReport:
    kernel = open_kernel(service, settings)
    async with kernel.database.transaction("") as session:
        report = await verify_chain(session)
    await kernel.database.close()
    return report


def _or_exit(act: Callable[[], T]) -> T:
    try:
        return act()
    except ConfigurationError as error:
        _exit(str(error))
        raise


def _exit(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    raise typer.Exit(1)
