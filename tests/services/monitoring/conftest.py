"""A running monitoring service on a roster in memory, and a worker beside it."""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from services.monitoring.app import SERVICE
from services.monitoring.exams.jobs import freeze_roster_job
from services.monitoring.samples.jobs import sample_jobs
from shared.contracts.roster import FakeRoster
from shared.kernel.app import Service
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.world import World
from tests.support.client import running
from tests.support.databases import TestDatabases


def with_roster(roster: FakeRoster) -> Service:
    """The service, but for where its roster comes from."""

    @asynccontextmanager
    async def open_roster(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
        yield roster

    own = {kind.name: kind for kind in (freeze_roster_job(open_roster), *sample_jobs(open_roster))}
    return dataclasses.replace(SERVICE, jobs=tuple(own.get(job.name, job) for job in SERVICE.jobs))


@pytest.fixture
def monitoring_settings(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE, gateway_url="http://127.0.0.1:9", client_id="service-monitoring") as settings:
        yield settings


@pytest.fixture
async def world(monitoring_settings: ServiceSettings) -> AsyncIterator[World]:
    world = World(monitoring_settings)
    service = with_roster(world.roster)
    async with running(service, monitoring_settings) as (_, client):
        world.client = client
        async with world.working(service):
            yield world
