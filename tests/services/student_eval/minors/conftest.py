"""Pupils of two ages, their guardians, and a roster that knows when they were born."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.student_eval.app import SERVICE
from services.student_eval.enrolled import roster_opener
from shared.contracts.roster import FakeRoster, Roster
from shared.kernel import clock
from shared.kernel.settings import ServiceSettings
from tests.services.student_eval.fitness.conftest import enrolled
from tests.services.student_eval.minors.family import ADULT, CHILD, YOUTH, key_of
from tests.support.city import SCHOOL, World, roster_schools
from tests.support.client import running


@pytest.fixture
async def world(student_eval_settings: ServiceSettings) -> AsyncIterator[World]:
    today = clock.today()
    births = {
        key_of(student_eval_settings, SCHOOL, serial): today - dt.timedelta(days=366 * age)
        for serial, age in ((CHILD, 10), (YOUTH, 15), (ADULT, 18))
    }
    roster = FakeRoster(roster_schools(), enrolled(student_eval_settings.key("person_key")), births=births)

    @asynccontextmanager
    async def opened(_: ServiceSettings) -> AsyncIterator[Roster]:
        yield roster

    async with running(SERVICE, student_eval_settings) as (app, client):
        app.dependency_overrides[roster_opener] = lambda: opened
        yield World(client, student_eval_settings)
