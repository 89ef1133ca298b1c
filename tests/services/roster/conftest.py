from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from services.roster.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import SCHOOL_A, SCHOOL_B, YEAR, Sender, school
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
    """The test city's own system, with two schools, a class each and nobody in it."""
    sender = Sender(roster, "city_admin", "99/9900/")
    codes = (SCHOOL_A, SCHOOL_B)
    schools = [{"school_code": code, **school(code)} for code in codes]
    keys = [{"school_code": code, "school_year": YEAR, "class_code": "c1"} for code in codes]
    classes = [{**key, "name": "六（1）班", "grade_level": 6} for key in keys]
    for collection, items in (("schools", schools), ("classes", classes)):
        assert (await sender.batch(collection, items)).status_code == 207
    return sender
