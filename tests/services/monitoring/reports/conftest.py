"""A published exam whose reports are read, made once for all tests that only read it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.monitoring.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import make_exam, put_items, put_paper, put_sheet
from tests.services.monitoring.office import Office, open_office
from tests.services.monitoring.reports.paper import EXAM, PAPER, items_of, marks_of
from tests.services.monitoring.results.city import SCHOOLS
from tests.support.databases import TestDatabases


@pytest.fixture(scope="package")
def reported_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="package")
async def reported(reported_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results of a small city; tests must not change them."""
    async with open_office(reported_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        await office.publish()
        yield office


@pytest.fixture(scope="package")
def with_items_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="package")
async def with_items(with_items_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results with a paper and its items; tests must not change them."""
    async with open_office(with_items_settings) as office:
        await make_exam(office.kernel, SCHOOLS, **EXAM)
        await put_paper(office.kernel, "maths", PAPER)
        for school in SCHOOLS.values():
            await put_sheet(office.kernel, school, marks_of(school))
            await put_items(office.kernel, school, items_of(school), subject="maths")
        await office.publish()
        yield office
