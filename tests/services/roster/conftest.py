from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from services.roster.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import Sender
from tests.support.client import running
from tests.support.databases import TestDatabases


@pytest.fixture
def roster_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE) as settings:
        yield settings


@pytest.fixture
async def roster(roster_settings: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(SERVICE, roster_settings) as (_, client):
        yield client


@pytest.fixture
async def city(roster: httpx.AsyncClient) -> Sender:
    """The test city's own system, with two schools in two counties, a class each and nobody in it."""
    sender = Sender(roster, "city_admin", "99/9900/")
    await sender.put_school("2199000001")
    await sender.put_school("2199000002")
    await sender.put_class("2199000001", "c1")
    await sender.put_class("2199000002", "c1")
    return sender
