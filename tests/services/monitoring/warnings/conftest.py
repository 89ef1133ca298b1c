"""A city with three published years and its warnings, made once for the tests that only read them or use their own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.monitoring.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.office import Office, open_office, worker
from tests.services.monitoring.warnings.city import People, make_years
from tests.support.databases import TestDatabases


@pytest.fixture(scope="package")
def warned_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="package")
async def warned_city(warned_settings: ServiceSettings) -> AsyncIterator[People]:
    """Three published years; tests must not change its exams."""
    async with open_office(warned_settings) as office, worker(warned_settings):
        await make_years(office)
        yield People(office)


@pytest.fixture
async def office(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    """An empty office with a worker, for tests that publish."""
    async with open_office(monitoring_settings) as office, worker(monitoring_settings):
        yield office


@pytest.fixture
async def years(office: Office) -> Office:
    """Three published years of one's own."""
    await make_years(office)
    return office
