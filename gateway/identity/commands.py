"""The commands of the issuer, added to the gateway's own: schema, accounts, audit."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity import principals
from gateway.identity.accounts.tables import Account
from gateway.identity.app import SERVICE
from gateway.identity.attempts.repository import AttemptKeys, forget_name
from gateway.identity.authentication import Kind, find_principal
from gateway.identity.credentials.hashing import SecretHasher
from gateway.identity.credentials.passwords import password_faults
from gateway.identity.issuer import attempts_key
from gateway.identity.provisioning import (
    OPERATOR,
    AccountsFile,
    AccountsFileError,
    Ensured,
    ensure_principals,
    read_accounts_file,
)
from gateway.settings import GatewaySettings
from shared.kernel import clock
from shared.kernel.audit.log import ChainReport, note, verify_chain
from shared.kernel.database import migrations
from shared.kernel.database.engine import Database
from shared.kernel.settings import ConfigurationError

Load = Callable[[], GatewaySettings]


def add_identity_commands(command: typer.Typer, load: Load) -> None:
    """Adds ``migrate``, ``new-migration``, ``audit-verify`` and ``accounts`` to the gateway's commands.

    Args:
        command: the gateway's command line.
        load: reads the settings, or ends the program with a sentence.
    """
    accounts = typer.Typer(no_args_is_help=True, help="Clients and accounts")
    command.add_typer(accounts, name="accounts")

    @command.command()
    def migrate() -> None:
        """Bring the database schema up to date."""
        try:
            migrations.upgrade(SERVICE.migrations, load())
        except ConfigurationError as error:
            _exit(str(error))

    @command.command("new-migration")
    def new_migration(message: str) -> None:
        """Write a migration from the difference between tables and database."""
        try:
            migrations.revision(SERVICE.migrations, load(), message)
        except ConfigurationError as error:
            _exit(str(error))

    @command.command("audit-verify")
    def audit_verify() -> None:
        """Recompute the audit chain; print its head, or exit 1 at the first record that breaks it."""
        report = asyncio.run(_verify(load()))
        if report.first_bad_seq is not None:
            _exit(f"gateway: audit record {report.first_bad_seq} breaks the chain")
        typer.echo(f"gateway: {report.records} records, head {report.head}")

    @accounts.command("ensure")
    def ensure(file: Path = typer.Option(..., help="JSON file of clients and accounts")) -> None:  # noqa: B008
        """Make the clients and accounts of a file exist; running it again changes nothing."""
        try:
            ensured = asyncio.run(_ensure(load(), read_accounts_file(file)))
        except AccountsFileError as error:
            _exit(str(error))
        else:
            counts = f"{ensured.created} created, {ensured.changed} changed, {ensured.unchanged} in order"
            typer.echo(f"gateway: clients and accounts: {counts}")

    @accounts.command("set-password")
    def set_password(username: str) -> None:
        """Set the password of an account and unlock it; asks for it, or reads one line of standard input."""
        password = _ask_password()
        faults = [fault.code for fault in password_faults(password, username=username)]
        if faults:
            _exit(f"{username}: {', '.join(faults)}")
        if not asyncio.run(_set_password(load(), username, password)):
            _exit(f"there is no account {username}")
        typer.echo(f"gateway: the password of {username} is set")


def schema_fault(settings: GatewaySettings) -> str | None:
    """What is wrong with the schema, as a sentence, or ``None``; for ``check``."""
    if migrations.pending(SERVICE.migrations, settings):
        return "gateway: the database is behind the code; run migrate"
    found = migrations.drift(SERVICE.metadata, settings)
    return f"gateway: tables and migrations differ: {found}" if found else None


async def _ensure(settings: GatewaySettings, file: AccountsFile) -> Ensured:
    async with _open(settings) as (session, hasher):
        return await ensure_principals(session, hasher, file, at=clock.now())


async def _set_password(settings: GatewaySettings, username: str, password: str) -> bool:
    async with _open(settings) as (session, hasher):
        account = await find_principal(session, Kind.ACCOUNT, username)
        if not isinstance(account, Account):
            return False
        principals.replace_secret(account, hasher.hash(password), at=clock.now())
        account.must_change_password = False
        account.version += 1
        keys = AttemptKeys.of(attempts_key(settings), kind=Kind.ACCOUNT, name=username, address="")
        await forget_name(session, keys)
        note(session, OPERATOR, "account.password_set", account.subject)
        return True


async def _verify(settings: GatewaySettings) -> ChainReport:
    async with _open(settings) as (session, _):
        return await verify_chain(session)


@asynccontextmanager
async def _open(settings: GatewaySettings) -> AsyncIterator[tuple[AsyncSession, SecretHasher]]:
    """One transaction of the command line, and a hasher."""
    database = Database(settings.database_url.get_secret_value(), pool_size=1)
    hasher = SecretHasher(settings.identity)
    try:
        async with database.transaction("") as session:
            yield session, hasher
    finally:
        hasher.close()
        await database.close()


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _exit(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")
    raise typer.Exit(1)
