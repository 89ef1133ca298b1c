"""What must stand before the processes start: secrets, database, roles and schemas."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from launch.accounts import ensure_accounts_file
from launch.errors import LaunchError
from launch.secret_files import ensure_passwords, ensure_secrets, private_folder
from launch.settings import LaunchSettings
from launch.topology import GATEWAY, SCHEMAS, SERVICES
from shared.kernel.database.provisioning import (
    MAINTENANCE_DATABASE,
    ServiceDatabase,
    database_of,
    provision,
    role_names,
)
from shared.kernel.identity.signing_keys import open_signing_keys

DATABASE = "education"
PROVISIONING_SECONDS = 120.0


def postgres_folder(settings: LaunchSettings) -> Path:
    """Data folder of the embedded database."""
    return settings.var_dir / "postgres"


def prepare_folders(settings: LaunchSettings) -> None:
    """Makes the folders for all that changes."""
    try:
        settings.var_dir.mkdir(parents=True, exist_ok=True)
        private_folder(settings.log_dir)
        for service in SERVICES:
            private_folder(settings.var_dir / "store" / service)
    except OSError as error:
        raise LaunchError(
            f"无法建立数据目录 {settings.var_dir}：{error.strerror}。请检查权限，或用 VAR_DIR 指定另一个目录。",
            f"The data folder {settings.var_dir} cannot be made ({error.strerror}); check its permissions, or set VAR_DIR.",
        ) from error


def prepare_secrets(settings: LaunchSettings) -> bool:
    """Makes secrets, signing key and first accounts where absent; returns whether the accounts are new."""
    has_database = (postgres_folder(settings) / "PG_VERSION").exists()
    ensure_secrets(settings.secrets_dir, SCHEMAS, has_database=has_database)
    open_signing_keys(private_folder(settings.secrets_dir / GATEWAY) / "signing")
    return ensure_accounts_file(settings.accounts_file, SERVICES, secrets_dir=settings.secrets_dir)


def provision_database(settings: LaunchSettings, embedded_url: str | None) -> Mapping[str, ServiceDatabase]:
    """Makes database, roles and schemas on the embedded or the given server.

    Args:
        settings: the launch.
        embedded_url: superuser's address of the embedded server, or ``None`` when DATABASE_URL is given.

    Raises:
        LaunchError: the given server cannot be reached, refuses us, or is too old.
    """
    if embedded_url is not None:
        return asyncio.run(provision(embedded_url, database=DATABASE, services=SCHEMAS))
    given = settings.database_url or ""
    passwords = ensure_passwords(settings.secrets_dir, {schema: role_names(schema) for schema in SCHEMAS})
    try:
        named = database_of(given)
        database = DATABASE if named in (None, MAINTENANCE_DATABASE) else named
        return asyncio.run(_within_limit(given, database, passwords))
    except (OSError, ValueError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # The address holds a password and is not repeated.
        raise LaunchError(
            f"无法使用 DATABASE_URL 给出的数据库：{error or type(error).__name__}。"
            "请检查地址、密码，以及该角色是否可建库、建角色。",
            "The database of DATABASE_URL cannot be used; check the address, the password, and that the role may create "
            "databases and roles.",
        ) from error


async def _within_limit(url: str, database: str, passwords: Mapping[str, str]) -> Mapping[str, ServiceDatabase]:
    async with asyncio.timeout(PROVISIONING_SECONDS):
        return await provision(url, database=database, services=SCHEMAS, passwords=passwords)
