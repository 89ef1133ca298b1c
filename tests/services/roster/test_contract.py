"""The client that other services use, against the real service; and the fake, which must answer as the service does."""

import datetime as dt
from collections.abc import AsyncIterator

import httpx
import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from services.roster.app import SERVICE
from shared.contracts.roster import (
    AGE_SCHEMA,
    ENROLLMENT_SCHEMA,
    STAFF_SCHEMA,
    STUDENT_SCHEMA,
    TEACHING_SCHEMA,
    FakeRoster,
    RosterClient,
    School,
)
from shared.kernel.client import RemoteRefusalError
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import SCHOOL_A, SCHOOL_B, YEAR, Sender, citizen_number, enrollment, member, pupil
from tests.support.client import running
from tests.support.settings import actor, token

pytestmark = pytest.mark.anyio


def lesson(serial: int, school_code: str = SCHOOL_A, **changes: str) -> dict[str, str]:
    number = citizen_number(serial, birth="19850607")
    key = {"school_year": YEAR, "school_code": school_code, "class_code": "c1", "subject": "14"}
    return {"citizen_number": number, **key, **changes}


@pytest.fixture
async def client(roster_settings: ServiceSettings, request: pytest.FixtureRequest) -> AsyncIterator[RosterClient]:
    monitoring = actor("integration", "99/9900/", scopes=getattr(request, "param", ("roster.read",)))

    async def grant(_: Request) -> JSONResponse:
        return JSONResponse({"access_token": token(monitoring), "token_type": "Bearer", "expires_in": 600})

    async with running(SERVICE, roster_settings) as (app, http):
        city = Sender(http, "city_admin", "99/9900/")
        for code in (SCHOOL_A, SCHOOL_B):
            await city.put_school(code, attributes={"ses": 1.5, "denomination": "public"})
            await city.put_class(code, "c1")
        await city.batch("students", [pupil(serial, (SCHOOL_A, SCHOOL_B)[serial % 2]) for serial in range(6)])
        await city.batch("enrollments", [enrollment(serial, (SCHOOL_A, SCHOOL_B)[serial % 2]) for serial in range(6)])
        await city.batch("staff", [member(1), member(2, SCHOOL_B), member(3, status="left")])
        await city.batch("teaching-assignments", [lesson(2, SCHOOL_B), lesson(1), lesson(3, status="withdrawn")])
        gateway = Starlette(routes=[Route("/oauth/token", grant, methods=["POST"]), Mount("/", app)])
        transport = httpx.ASGITransport(app=gateway)
        async with RosterClient("http://gateway", client_id="m", client_secret="s", transport=transport) as roster:
            yield roster


async def test_the_client_and_the_fake_agree(client: RosterClient) -> None:
    schools, classes = await client.schools(), await client.classes(school_year=YEAR)
    assert schools[0] == School(
        school_code=SCHOOL_A,
        name=f"测试学校{SCHOOL_A}",
        county_code="990001",
        school_type="312",
        stages=("primary", "junior_secondary"),
        attributes={"ses": 1.5, "denomination": "public"},
    )
    assert schools[0].org_path == f"99/9900/990001/{SCHOOL_A}/"
    assert [each.school_code for each in classes] == [SCHOOL_A, SCHOOL_B]
    everyone = await client.export_enrollments(school_year=YEAR)
    assert everyone.schema == ENROLLMENT_SCHEMA
    assert everyone.height == 6
    fake = FakeRoster(reversed(schools), everyone.reverse().with_columns(school_year=pl.lit(YEAR)), classes=classes)
    assert await fake.schools() == schools
    for query in (
        {},
        {"grade_level": 6},
        {"grade_level": 7},
        {"status": "enrolled"},
        {"school_codes": [SCHOOL_B]},
        {"school_codes": []},
        {"school_codes": [SCHOOL_A, *(f"21990{serial:05d}" for serial in range(500, 700))]},
    ):
        real = await client.export_enrollments(school_year=YEAR, **query)  # type: ignore[arg-type]
        assert real.equals(await fake.export_enrollments(school_year=YEAR, **query)), query  # type: ignore[arg-type]
    for wanted in ({"grade_level": 6}, {"school_code": SCHOOL_A}, {"grade_level": 7}):
        real_classes = await client.classes(school_year=YEAR, **wanted)  # type: ignore[arg-type]
        assert real_classes == await fake.classes(school_year=YEAR, **wanted)  # type: ignore[arg-type]


async def test_staff_are_exported_alike_and_masked_without_the_scope(client: RosterClient) -> None:
    everyone = await client.export_staff()
    assert everyone.schema == STAFF_SCHEMA
    assert everyone["school_code"].to_list() == [SCHOOL_A, SCHOOL_A, SCHOOL_B]
    assert everyone["birth_year"].to_list() == [1985] * 3
    assert everyone["name"].str.ends_with("*").all()
    fake = FakeRoster([], staff=everyone.reverse())
    for query in ({}, {"school_code": SCHOOL_B}, {"status": "left"}, {"school_code": SCHOOL_B, "status": "left"}):
        assert (await client.export_staff(**query)).equals(await fake.export_staff(**query)), query


async def test_who_teaches_what_is_exported_alike(client: RosterClient) -> None:
    everything = await client.export_teaching_assignments(school_year=YEAR)
    assert everything.schema == TEACHING_SCHEMA
    assert everything["school_code"].to_list() == [SCHOOL_A, SCHOOL_A, SCHOOL_B]
    fake = FakeRoster([], teaching=everything.reverse().with_columns(school_year=pl.lit(YEAR)))
    for query in ({}, {"school_code": SCHOOL_A}, {"status": "assigned"}):
        real = await client.export_teaching_assignments(school_year=YEAR, **query)
        assert real.equals(await fake.export_teaching_assignments(school_year=YEAR, **query)), query
    assert (await fake.export_teaching_assignments(school_year="2025-2026")).is_empty()


async def test_students_are_exported_alike(client: RosterClient) -> None:
    own = await client.export_students(school_code=SCHOOL_B)
    assert own.schema == STUDENT_SCHEMA
    assert (own.height, set(own["school_code"])) == (3, {SCHOOL_B})
    assert own["name"].str.ends_with("*").all()
    assert own.equals(await FakeRoster([], students=own.reverse()).export_students(school_code=SCHOOL_B))


@pytest.mark.parametrize("client", [("roster.read",), ("roster.read", "roster.personal")], indirect=True)
async def test_ages_are_told_to_those_who_may_see_days_of_birth(
    client: RosterClient, request: pytest.FixtureRequest
) -> None:
    key = (await client.export_students(school_code=SCHOOL_B))["student_key"][0]
    born_on = dt.date.fromisoformat(pupil(1)["student_number"][7:15])
    day = born_on.replace(year=born_on.year + 16) - dt.timedelta(days=1)
    may_see = "roster.personal" in request.node.callspec.params["client"]
    assert await client.age_of(key, day) == (15 if may_see else None)
    assert await client.age_of(key, day + dt.timedelta(days=1)) == (16 if may_see else None)
    assert await client.age_of("a" * 26, day) is None
    assert await FakeRoster([], births={key: born_on}).age_of(key, day) == 15
    ages = await client.ages(school_code=SCHOOL_B, day=day)
    assert (ages.schema, ages["age"].to_list()) == (AGE_SCHEMA, [15 if may_see else None] * 3)
    students = await client.export_students(school_code=SCHOOL_B)
    births = dict.fromkeys(students["student_key"], born_on) if may_see else {}
    assert ages.equals(await FakeRoster([], students=students, births=births).ages(school_code=SCHOOL_B, day=day))


async def test_a_school_that_is_not_the_callers(client: RosterClient) -> None:
    with pytest.raises(RemoteRefusalError) as caught:
        await client.export_enrollments(school_year=YEAR, school_codes=["2199000099"])
    assert (caught.value.status, caught.value.code) == (404, "resource.not_found")
