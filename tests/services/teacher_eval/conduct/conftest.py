"""A running service whose staff are registered, with a clock of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.teacher_eval.app import SERVICE
from shared.kernel import clock
from shared.kernel.settings import ServiceSettings
from tests.services.teacher_eval.conduct.office import Office
from tests.services.teacher_eval.development.conftest import register
from tests.support.client import running


@pytest.fixture
async def office(
    teacher_eval_settings: ServiceSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    offset = tmp_path / "offset"
    monkeypatch.setattr(clock, "_OFFSET_FILE", offset)
    await register(teacher_eval_settings)
    async with running(SERVICE, teacher_eval_settings) as (app, client):
        yield Office(client, teacher_eval_settings, app.state.kernel, offset)
