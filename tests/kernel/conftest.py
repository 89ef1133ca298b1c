from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from shared.kernel.settings import ServiceSettings
from tests.kernel.sample.service import SERVICE
from tests.support.client import running
from tests.support.databases import TestDatabases


@pytest.fixture
def sample_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE) as settings:
        yield settings


@pytest.fixture
async def sample(sample_settings: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(SERVICE, sample_settings) as (_, client):
        yield client
