"""A running service on a roster in memory with its staff registered; a worker beside it where a test needs one."""

from collections.abc import AsyncIterator

import polars as pl
import pytest

from services.teacher_eval.app import SERVICE
from services.teacher_eval.staff_register.jobs import register_frame
from services.teacher_eval.staff_register.repository import take_staff
from shared.kernel import clock
from shared.kernel.database.engine import Database
from shared.kernel.settings import ServiceSettings
from tests.services.teacher_eval.development.town import TODAY, Town, people, roster, with_roster, working
from tests.support.city import CITY
from tests.support.client import running


async def register(settings: ServiceSettings, staff: pl.DataFrame | None = None) -> None:
    """Fills the register without a worker."""
    database = Database(settings.database_url.get_secret_value())
    async with database.transaction("") as session:
        frame = register_frame(await roster().schools(), people() if staff is None else staff, CITY, day=TODAY)
        await take_staff(session, frame, area=CITY, seen_at=clock.now())
    await database.close()


@pytest.fixture
async def town(teacher_eval_settings: ServiceSettings) -> AsyncIterator[Town]:
    await register(teacher_eval_settings)
    async with running(SERVICE, teacher_eval_settings) as (app, client):
        opened = Town(client, teacher_eval_settings)
        opened.kernel = app.state.kernel
        yield opened


@pytest.fixture
async def working_town(teacher_eval_settings: ServiceSettings) -> AsyncIterator[Town]:
    service = with_roster(roster())
    async with running(service, teacher_eval_settings) as (_, client), working(service, teacher_eval_settings):
        yield Town(client, teacher_eval_settings)
