"""Student evaluation with a senior class in the roster behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.student_eval.app import SERVICE
from services.student_eval.enrolled import roster_opener
from shared.contracts.roster import Roster
from shared.kernel.settings import ServiceSettings
from tests.services.student_eval.archives.senior import Senior
from tests.support.city import World
from tests.support.client import running


@pytest.fixture
async def senior(student_eval_settings: ServiceSettings) -> AsyncIterator[Senior]:
    async with running(SERVICE, student_eval_settings) as (app, client):
        opened = Senior(World(client, student_eval_settings), student_eval_settings)

        @asynccontextmanager
        async def roster(_: ServiceSettings) -> AsyncIterator[Roster]:
            yield opened.roster()

        app.dependency_overrides[roster_opener] = lambda: roster
        opened.term = await opened.open()
        yield opened
