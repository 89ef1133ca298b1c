"""A running service on a roster in memory, and a worker beside it."""

from collections.abc import AsyncIterator

import pytest

from services.teacher_eval.filling import providers
from shared.kernel.settings import ServiceSettings
from tests.services.teacher_eval.cycles.staffroom import Staffroom, Workload, roster, staff_rows, with_roster, working
from tests.support.city import SCHOOL
from tests.support.client import running

OTHER = "2199000003"


@pytest.fixture
async def staffroom(
    teacher_eval_settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Staffroom]:
    monkeypatch.setattr(providers, "PROVIDERS", (Workload,))
    service = with_roster(roster(staff_rows((SCHOOL, OTHER))))
    async with running(service, teacher_eval_settings) as (_, client), working(service, teacher_eval_settings):
        yield Staffroom(client, teacher_eval_settings)
