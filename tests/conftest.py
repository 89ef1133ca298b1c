"""What all tests share: one embedded PostgreSQL a session, one migrated template per service, one database a test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.kernel.embedded_postgres.server import EmbeddedPostgres
from tests.support.databases import TestDatabases


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


MEMORY, ROOM_BYTES = Path("/dev/shm"), 4 << 30  # noqa: S108 - a folder of ours in it, with a random name


def in_memory() -> Path | None:
    """A folder kept in memory, where there is one with room: a test's database is made there thirty times as fast."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM_BYTES else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    with (
        tempfile.TemporaryDirectory(prefix="pg-", dir=in_memory(), ignore_cleanup_errors=True) as folder,
        EmbeddedPostgres(Path(folder) / "data", durable=False) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> TestDatabases:
    return TestDatabases(postgres)
