"""A published exam, made once for all tests that only read it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.monitoring.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import make_exam
from tests.services.monitoring.office import Office, open_office
from tests.services.monitoring.results.city import SCHOOLS, SMALL
from tests.support.databases import TestDatabases


@pytest.fixture(scope="package")
def published_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="package")
async def city(published_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results of a small city; tests must not change them."""
    async with open_office(published_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        await office.publish()
        yield office


@pytest.fixture(scope="package")
def corrected_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="package")
async def corrected(corrected_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results of the same city, published again after corrected sheets of two schools, one of them small."""
    async with open_office(corrected_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        await office.publish()
        await office.correct(SCHOOLS["2199000002"], SMALL)
        yield office
