import datetime as dt
from collections.abc import AsyncIterator, Iterator

import pytest

from shared.kernel.settings import ServiceSettings
from tests.kits.office import Office, Time, open_office
from tests.kits.sample.service import SERVICE
from tests.support.databases import TestDatabases


@pytest.fixture
def kits_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE) as settings:
        yield settings


@pytest.fixture
async def office(kits_settings: ServiceSettings) -> AsyncIterator[Office]:
    """The sample service with a report of school 1 (``one``) and of school 2 (``two``)."""
    async with open_office(kits_settings) as office:
        await office.report("one", office.school)
        await office.report("two", office.other_school)
        yield office


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """A Wednesday morning before five ordinary working days."""
    return Time(monkeypatch, dt.datetime(2026, 11, 25, 1, 0, tzinfo=dt.UTC))
