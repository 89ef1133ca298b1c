"""One Alembic runner for all services.

A service's ``migrations/env.py`` calls :func:`run_env`; commands call :func:`upgrade`, :func:`pending` and :func:`drift`.
Migrations run as the schema's owner, through psycopg, because several of their steps are scripts of many statements.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, create_engine, pool, text

from shared.kernel.database.kernel_schema import is_kernel_table
from shared.kernel.settings import ConfigurationError, ServiceSettings

LOCK_TIMEOUT = "5s"
TEMPLATE = Path(__file__).with_name("migration.py.mako")


def run_env(metadata: MetaData) -> None:
    """Body of every ``env.py``."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=_include_name,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        connection.execute(text(f"set local lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


def upgrade(folder: Path, settings: ServiceSettings, target: str = "head") -> None:
    """Brings the schema to ``target``; safe to run again and by several at once."""
    with _owner_engine(settings).connect() as connection:
        connection.execute(text("select pg_advisory_lock(hashtextextended(current_schema() || '.migrate', 0))"))
        connection.commit()
        command.upgrade(_config(folder, connection), target)
        connection.commit()


def revision(folder: Path, settings: ServiceSettings, message: str) -> None:
    """Writes a new migration from the difference between tables and database."""
    # Alembic looks for the template beside the versions; one template serves all services, so it is lent.
    lent = folder / "script.py.mako"
    lent.write_text(TEMPLATE.read_text("utf-8"), "utf-8")
    try:
        with _owner_engine(settings).connect() as connection:
            command.revision(_config(folder, connection), message, autogenerate=True)
    finally:
        lent.unlink()


def pending(folder: Path, settings: ServiceSettings) -> bool:
    """Whether the database is behind the code."""
    with _owner_engine(settings).connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        return current != ScriptDirectory.from_config(_config(folder, connection)).get_current_head()


def drift(metadata: MetaData, settings: ServiceSettings) -> list[Any]:
    """Differences between the tables of the code and the migrated database; empty when they agree."""
    with _owner_engine(settings).connect() as connection:
        migration = MigrationContext.configure(connection, opts={"include_name": _include_name, "compare_type": True})
        return list(compare_metadata(migration, metadata))


def _include_name(name: str | None, kind: str, _: Any) -> bool:
    return not (kind == "table" and name is not None and is_kernel_table(name))


def _config(folder: Path, connection: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _owner_engine(settings: ServiceSettings) -> Any:
    if settings.migration_database_url is None:
        raise ConfigurationError("MIGRATION_DATABASE_URL is not set: migrations run as the schema's owner")
    url = settings.migration_database_url.get_secret_value().replace("+asyncpg", "+psycopg", 1)
    url = re.sub(r"([?&])ssl=", r"\1sslmode=", url)
    return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool)
