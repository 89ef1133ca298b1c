"""Student evaluation with a roster of a few compulsory classes behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.student_eval.app import SERVICE
from services.student_eval.enrolled import roster_opener
from shared.contracts.roster import Roster
from shared.kernel.settings import ServiceSettings
from tests.services.student_eval.developments.classroom import Classroom
from tests.support.client import running


@pytest.fixture
async def classroom(student_eval_settings: ServiceSettings) -> AsyncIterator[Classroom]:
    async with running(SERVICE, student_eval_settings) as (app, client):
        room = Classroom(client, student_eval_settings, app)

        @asynccontextmanager
        async def opened(_: ServiceSettings) -> AsyncIterator[Roster]:
            yield room.roster

        app.dependency_overrides[roster_opener] = lambda: opened
        await room.adopt()
        yield room
