"""The small city's inspections on a database of their own."""

from collections.abc import AsyncIterator

import pytest

from services.school_eval.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.school_eval.inspections.inspecting import Inspecting
from tests.support.client import running


@pytest.fixture
async def office(school_eval_settings: ServiceSettings) -> AsyncIterator[Inspecting]:
    async with running(SERVICE, school_eval_settings) as (_, client):
        yield Inspecting(client, school_eval_settings)
