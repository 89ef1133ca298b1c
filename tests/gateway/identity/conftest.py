from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.identity.app import SERVICE
from gateway.settings import GatewaySettings
from shared.kernel.settings import ServiceSettings
from tests.gateway.identity.support import Running, put_signing_key, running_issuer
from tests.kernel.sample.service import SERVICE as SAMPLE
from tests.support.databases import TestDatabases


@pytest.fixture
def gateway_settings(databases: TestDatabases) -> Iterator[GatewaySettings]:
    with databases.of(SERVICE, jwks="") as settings:
        assert isinstance(settings, GatewaySettings)
        put_signing_key(settings)
        yield settings


@pytest.fixture
def sample_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SAMPLE) as settings:
        yield settings


@pytest.fixture
async def issuer(gateway_settings: GatewaySettings) -> AsyncIterator[Running]:
    async with running_issuer(gateway_settings) as running:
        yield running
