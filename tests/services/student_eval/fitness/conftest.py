"""Student evaluation with a roster of a few pupils behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import polars as pl
import pytest

from services.student_eval.app import SERVICE
from services.student_eval.enrolled import roster_opener
from shared.contracts.roster import ENROLLMENT_SCHEMA, FakeRoster, Roster
from shared.kernel.personal import person_key
from shared.kernel.settings import ServiceSettings
from tests.services.student_eval.fitness.pupils import YEAR, number
from tests.support.city import SCHOOLS, World
from tests.support.client import running


def enrolled(key: bytes) -> pl.DataFrame:
    """Forty pupils of grade 9 in two classes of each school, by serial number."""
    rows = [
        {
            "student_key": person_key(number(school, serial), key),
            "school_code": school,
            "county_code": county,
            "class_code": "901" if serial < 25 else "902",
            "grade_level": 9,
            "status": "enrolled",
            "entered_on": None,
            "left_on": None,
            "school_year": YEAR,
        }
        for school, county in SCHOOLS.items()
        for serial in range(40)
    ]
    return pl.DataFrame(rows, schema={**ENROLLMENT_SCHEMA, "school_year": pl.String()})


@pytest.fixture
async def world(student_eval_settings: ServiceSettings) -> AsyncIterator[World]:
    roster = FakeRoster([], enrolled(student_eval_settings.key("person_key")))

    @asynccontextmanager
    async def opened(_: ServiceSettings) -> AsyncIterator[Roster]:
        yield roster

    async with running(SERVICE, student_eval_settings) as (app, client):
        app.dependency_overrides[roster_opener] = lambda: opened
        yield World(client, student_eval_settings)
