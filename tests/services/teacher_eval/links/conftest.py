"""A town whose roster says who teaches what, with a worker beside the service."""

from collections.abc import AsyncIterator

import pytest

from shared.kernel.settings import ServiceSettings
from tests.services.teacher_eval.development.conftest import register
from tests.services.teacher_eval.development.town import working
from tests.services.teacher_eval.links.teaching import Staffroom, linked_roster, with_rooms
from tests.support.client import running


@pytest.fixture
async def staffroom(teacher_eval_settings: ServiceSettings) -> AsyncIterator[Staffroom]:
    await register(teacher_eval_settings)
    service = with_rooms(linked_roster())
    async with running(service, teacher_eval_settings) as (app, client), working(service, teacher_eval_settings):
        opened = Staffroom(client, teacher_eval_settings)
        opened.kernel = app.state.kernel
        yield opened
