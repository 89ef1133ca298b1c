"""Databases for tests: a service's schema is migrated once into a template and cloned for every test that asks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from shared.kernel.app import Service
from shared.kernel.database.migrations import upgrade
from shared.kernel.database.provisioning import provision
from shared.kernel.embedded_postgres.server import EmbeddedPostgres
from shared.kernel.ids import new_id
from shared.kernel.settings import ServiceSettings
from tests.support.settings import settings_for


class TestDatabases:
    """Templates by service, clones by test."""

    __test__ = False

    def __init__(self, server: EmbeddedPostgres) -> None:
        self.server = server
        self._templates: dict[str, str] = {}

    @contextmanager
    def of(self, service: Service, **overrides: Any) -> Iterator[ServiceSettings]:
        """Settings of the service on a fresh database of its own; dropped afterwards."""
        template = self._template(service, **overrides)
        name = f"t_{new_id().hex}"
        self._admin(f'create database "{name}" template "{template}" strategy file_copy')
        with tempfile.TemporaryDirectory(prefix="service-") as folder:
            try:
                yield self._settings(service, name, Path(folder), **overrides)
            finally:
                self._admin(f'drop database "{name}" with (force)')

    def _template(self, service: Service, **overrides: Any) -> str:
        if service.name not in self._templates:
            name = f"template_{service.name}"
            asyncio.run(provision(self.server.admin_url(), database=name, services=[service.name]))
            with tempfile.TemporaryDirectory(prefix="service-") as folder:
                upgrade(service.migrations, self._settings(service, name, Path(folder), **overrides))
            self._templates[service.name] = name
        return self._templates[service.name]

    def _settings(self, service: Service, database: str, folder: Path, **overrides: Any) -> ServiceSettings:
        return settings_for(
            service.settings,
            folder,
            database_url=self.server.sqlalchemy_url(f"{service.name}_app", database),
            migration_database_url=self.server.sqlalchemy_url(f"{service.name}_owner", database),
            **overrides,
        )

    def _admin(self, statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(self.server.admin_url())
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run())
