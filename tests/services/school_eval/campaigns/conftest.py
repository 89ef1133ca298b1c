"""A running service on a roster in memory, and a worker beside it."""

from collections.abc import AsyncIterator

import pytest

from shared.kernel.settings import ServiceSettings
from tests.services.school_eval.campaigns.city import Round, roster, with_roster, working
from tests.support.client import running


@pytest.fixture
async def city(school_eval_settings: ServiceSettings) -> AsyncIterator[Round]:
    service = with_roster(roster())
    async with running(service, school_eval_settings) as (_, client), working(service, school_eval_settings):
        yield Round(client, school_eval_settings)
