"""A campaign is filled in advance while its figures can be checked, and a school sees where each figure is from."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from services.school_eval.prefill.jobs import prefill_job
from shared.contracts.monitoring import FakeMonitoring
from shared.kernel.settings import ServiceSettings
from tests.services.school_eval.campaigns.city import CAMPAIGN, Round, roster, with_roster, working
from tests.support.city import CITY_ADMIN, COUNTY, SCHOOL, code_of, county_admin, of_school
from tests.support.client import running
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
STATISTICS = f"/statistics/2026-2027/{COUNTY}-{SCHOOL}"


@pytest.fixture
async def city(school_eval_settings: ServiceSettings) -> AsyncIterator[Round]:
    @asynccontextmanager
    async def open_monitoring(_: ServiceSettings) -> AsyncIterator[FakeMonitoring]:
        yield FakeMonitoring()

    own = prefill_job(open_monitoring)
    service = with_roster(roster())
    service = dataclasses.replace(service, jobs=tuple(own if job.name == own.name else job for job in service.jobs))
    async with running(service, school_eval_settings) as (_, client), working(service, school_eval_settings):
        yield Round(client, school_eval_settings)


async def fill(city: Round) -> dict[str, object]:
    asked = await city.client.post(f"/campaigns/{CAMPAIGN}:prefill", json={"exams": {}}, headers=bearer(CITY_ADMIN))
    assert asked.status_code == 202, asked.text
    job = await city.run_job(asked)
    return dict(job["result"])


async def books(city: Round, count: str) -> None:
    headers = bearer(of_school())
    known = await city.client.get(STATISTICS, headers=headers)
    if known.status_code == 200:
        headers["If-Match"] = known.headers["etag"]
    figures = {"student_count": "800", "book_count": count}
    assert (await city.client.put(STATISTICS, json={"figures": figures}, headers=headers)).status_code in (200, 201)


async def test_a_school_sees_its_figures_and_where_they_are_from(city: Round) -> None:
    await books(city, "12000")
    await city.open_campaign()
    job = await fill(city)
    assert job["leaves"] == 1
    leaf = (await city.sheet(SCHOOL))["leaves"]["B3"]
    assert leaf["prefilled"]["value"] == 15.0
    assert leaf["prefilled"]["origin"]["key"] == "books_per_student"
    again = await fill(city)
    assert again["values"] == job["values"]
    await books(city, "24000")
    assert (await fill(city))["values"] != job["values"]
    assert (await city.sheet(SCHOOL))["leaves"]["B3"]["prefilled"]["value"] == 30.0


async def test_figures_stand_once_schools_evaluate_themselves(city: Round) -> None:
    await city.open_campaign()
    assert (await city.step("begin-self-evaluation")).status_code == 200
    refused = await city.client.post(f"/campaigns/{CAMPAIGN}:prefill", json={}, headers=bearer(CITY_ADMIN))
    assert code_of(refused) == "campaign.prefill_closed"
    county = await city.client.post(f"/campaigns/{CAMPAIGN}:prefill", json={}, headers=bearer(county_admin()))
    assert code_of(county) == "auth.forbidden"
