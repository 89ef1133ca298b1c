"""Settings of a teacher evaluation service on a database of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from services.teacher_eval.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.support.city import World, open_world
from tests.support.databases import TestDatabases


@pytest.fixture
def teacher_eval_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-teacher_eval") as settings:
        yield settings


@pytest.fixture
async def world(teacher_eval_settings: ServiceSettings) -> AsyncIterator[World]:
    async with open_world(SERVICE, teacher_eval_settings) as opened:
        yield opened
