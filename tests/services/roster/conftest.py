from collections.abc import AsyncIterator, Iterator

import httpx
import psycopg
import pytest

from services.roster.app import SERVICE
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import SCHOOL_A, SCHOOL_B, YEAR, Sender, school
from tests.support.client import running
from tests.support.databases import TestDatabases

#: Children before parents; the queue's tables have their own ways and hold no rows that a later test would see.
TABLES = (
    "teaching_assignments",
    "enrollments",
    "students",
    "staff",
    "classes",
    "schools",
    "imports",
    "jobs",
    "changes",
    "idempotent_answers",
    "audit_log",
    "procrastinate_jobs",
)
EMPTY = "; ".join(f"delete from {name}" for name in TABLES)  # noqa: S608 - names above


@pytest.fixture(scope="session")
def roster_database(databases: TestDatabases) -> Iterator[ServiceSettings]:
    with databases.of(SERVICE) as settings:
        yield settings


@pytest.fixture
def roster_settings(roster_database: ServiceSettings) -> Iterator[ServiceSettings]:
    """Settings on a database with nothing in it; emptied, not made anew, because that is much faster."""
    yield roster_database
    url = roster_database.migration_database_url
    assert url is not None
    with psycopg.connect(url.get_secret_value().replace("+asyncpg", "")) as owner:
        owner.execute("select set_config('app.org', '', true), set_config('app.org_end', '~', true)")
        owner.execute(EMPTY)  # type: ignore[arg-type]


@pytest.fixture
async def roster(roster_settings: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
    async with running(SERVICE, roster_settings) as (_, client):
        yield client


@pytest.fixture
async def city(roster: httpx.AsyncClient) -> Sender:
    """The test city's own system, with two schools, a class each and nobody in it."""
    sender = Sender(roster, "city_admin", "99/9900/")
    codes = (SCHOOL_A, SCHOOL_B)
    schools = [{"school_code": code, **school(code)} for code in codes]
    keys = [{"school_code": code, "school_year": YEAR, "class_code": "c1"} for code in codes]
    classes = [{**key, "name": "六（1）班", "grade_level": 6} for key in keys]
    for collection, items in (("schools", schools), ("classes", classes)):
        assert (await sender.batch(collection, items)).status_code == 207
    return sender
