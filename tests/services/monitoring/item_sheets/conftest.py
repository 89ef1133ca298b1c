"""The published item figures of LSAT-6 as sat in a small city, made once for all tests that only read them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.monitoring.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import make_exam, put_items, put_paper, put_sheet
from tests.services.monitoring.item_sheets.lsat import EXAM, PAPER, SCHOOLS, items_of, marks_of
from tests.services.monitoring.office import Office, open_office
from tests.support.databases import TestDatabases


@pytest.fixture(scope="package")
def lsat_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture(scope="package")
async def lsat(lsat_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results; tests must not change them."""
    async with open_office(lsat_settings) as office:
        await make_exam(office.kernel, SCHOOLS, **EXAM)
        await put_paper(office.kernel, "lsat", PAPER)
        for school in SCHOOLS.values():
            await put_sheet(office.kernel, school, marks_of(school))
            await put_items(office.kernel, school, items_of(school), subject="lsat")
        await office.publish()
        yield office
