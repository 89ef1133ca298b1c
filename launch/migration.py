"""Writing a migration needs a database at the present schema: the running one, or one started for the purpose."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from launch.children import spawn
from launch.errors import LaunchError
from launch.preparation import postgres_folder, prepare_folders, prepare_secrets, provision_database
from launch.settings import LaunchSettings
from launch.topology import GATEWAY, SCHEMAS, maintenance_environment, python
from shared.kernel.embedded_postgres import EmbeddedPostgres
from shared.kernel.embedded_postgres.folder import FolderLock


def write_migration(settings: LaunchSettings, schema: str, words: str) -> int:
    """Brings the schema up to date and writes a migration from what the tables have beyond it; returns an exit code.

    Args:
        settings: which ``var`` folder, or which given database.
        schema: a service, or the gateway.
        words: what changes, in a few words.

    Raises:
        LaunchError: there is no such service.
    """
    if schema not in SCHEMAS:
        raise LaunchError(f"没有服务 {schema}；可用：{'、'.join(SCHEMAS)}。", f"There is no service {schema}.")
    module = GATEWAY if schema == GATEWAY else f"services.{schema}"
    with _database(settings) as embedded_url:
        database = provision_database(settings, embedded_url)[schema]
        environment = maintenance_environment(schema, settings, database)
        for arguments in (("migrate",), ("new-migration", words)):
            if code := spawn(python(module, *arguments), environment=environment).wait():
                return code
    return 0


@contextmanager
def _database(settings: LaunchSettings) -> Iterator[str | None]:
    if settings.database_url is not None:
        yield None
        return
    postgres = EmbeddedPostgres(postgres_folder(settings), log_file=settings.log_dir / "postgres.log")
    lock = FolderLock(settings.var_dir / "run" / "supervisor.lock")
    if lock.acquire() not in (None, os.getpid()):
        yield postgres.admin_url()
        return
    try:
        prepare_folders(settings)
        prepare_secrets(settings)
        with postgres:
            yield postgres.admin_url()
    finally:
        lock.release()
