"""``python -m launch run``: start the whole platform on this machine; ``reset``: throw its data away."""

import os
import sys
from typing import Annotated

import typer

from launch.console import Console
from launch.errors import LaunchError
from launch.migration import write_migration
from launch.reset import reset
from launch.run import Launch
from launch.settings import read_settings
from shared.kernel.embedded_postgres import EmbeddedPostgresError

command = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@command.command("run")
def run_command(
    topology: Annotated[str | None, typer.Option(help="all-in-one or split; TOPOLOGY otherwise")] = None,
    demo: Annotated[bool, typer.Option(help="Load the demonstration")] = True,
) -> None:
    """Start everything and stay in the foreground until Ctrl-C."""
    console = Console()
    try:
        settings = read_settings(os.environ, topology=topology, demo=demo)
    except LaunchError as error:
        console.complain(error.zh, error.en)
        raise typer.Exit(2) from None
    sys.exit(Launch(settings, console).run())


@command.command("reset")
def reset_command() -> None:
    """Remove database, store, secrets and logs."""
    console = Console()
    try:
        removed = reset(read_settings(os.environ))
    except LaunchError as error:
        console.complain(error.zh, error.en)
        raise typer.Exit(1) from None
    console.say(f"已删除：{'、'.join(removed) or '无'}。", f"Removed: {', '.join(removed) or 'nothing'}.")


@command.command("migration")
def migration_command(service: str, words: str) -> None:
    """Write a migration of a service from what its tables have beyond the database."""
    console = Console()
    try:
        code = write_migration(read_settings(os.environ), service, words)
    except (LaunchError, EmbeddedPostgresError) as error:
        console.complain(error.zh, error.en)
        raise typer.Exit(1) from None
    raise typer.Exit(code)


if __name__ == "__main__":
    command()
