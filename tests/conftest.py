"""What all tests share: one embedded PostgreSQL a session, one migrated template per service, one database a test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.embedded_postgres.server import EmbeddedPostgres
from tests.support.databases import TestDatabases


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with (
        tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "data", durable=False) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> TestDatabases:
    return TestDatabases(postgres)
