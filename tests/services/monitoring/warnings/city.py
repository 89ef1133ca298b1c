"""Three years of a small city in which one school's mathematics declines every year, and the people who look after it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import polars as pl
from sqlalchemy import text

from shared.terms.actor import Actor
from tests.services.monitoring.factories import CITY, SchoolOfTest, make_exam, put_sheet, sheet_frame
from tests.services.monitoring.office import Office
from tests.support.settings import actor, bearer

#: Fewer than a hundred candidates: growth percentiles, which take longest, are not computed.
SCHOOLS = {
    code: SchoolOfTest(code, county, 16)
    for code, county in ((f"21990000{n:02}", "990001" if n <= 3 else "990002") for n in range(1, 7))
}
DECLINING, OTHER = SCHOOLS["2199000003"], SCHOOLS["2199000005"]
YEARS = ("2024-2025", "2025-2026", "2026-2027")
#: Half marks by which the declining school's mathematics is moved.
SHIFTS = (80, 0, -80)

CITY_ADMIN, ANALYST = actor("city_admin", CITY), actor("city_analyst", CITY)
COUNTY, OTHER_COUNTY = actor("county_admin", f"{CITY}990001/"), actor("county_admin", f"{CITY}990002/")
HEAD, OTHER_HEAD = actor("school_admin", DECLINING.path), actor("school_admin", OTHER.path)
OPERATOR, TEACHER = actor("school_operator", DECLINING.path), actor("teacher", DECLINING.path)


def steady(school: SchoolOfTest) -> int:
    """Half marks by which a school's mathematics is moved every year: schools differ, so that models find that they do."""
    return -80 if school == OTHER else 14 * (int(school.code) % 5 - 2)


def code_of(year: str) -> str:
    """The exam of a school year."""
    return f"sample-{year[:4]}"


def shifted(school: SchoolOfTest, units: int, *, seed: int = 0) -> pl.DataFrame:
    """A school's sheet with its mathematics moved inside the grid."""
    moved = (pl.col("maths") + units).clip(0, 200).cast(pl.Int32)
    return sheet_frame(school, seed=seed).with_columns(moved.alias("maths"))


async def make_years(office: Office, *, years: tuple[str, ...] = YEARS, **changes: Any) -> None:
    """Publishes one exam a year; a worker must be running."""
    for place, year in enumerate(years):
        code = code_of(year)
        await make_exam(office.kernel, SCHOOLS, code=code, school_year=year, held_on=f"{year[:4]}-11-20", **changes)
        for school in SCHOOLS.values():
            shift = SHIFTS[place] if school == DECLINING else steady(school)
            await put_sheet(office.kernel, school, shifted(school, shift, seed=place), code=code)
        await publish(office, code)
    await settled(office)


async def publish(office: Office, code: str) -> None:
    """Analyzes and publishes an exam; its warnings are reckoned by the job that this asks for."""
    asked = await office.post("analyze", who=CITY_ADMIN, exam=code)
    assert asked.status_code == 202, asked.text
    assert (await office.finished(asked.headers["location"]))["state"] == "succeeded"
    published = await office.post("publish", {}, exam=code)
    assert published.status_code == 201, published.text


async def settled(office: Office, seconds: float = 30) -> None:
    """Waits until every job that was asked for has ended, and no worse than well."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        async with office.kernel.database.transaction("") as session:
            states = list(await session.scalars(text("select state from jobs where state <> 'succeeded'")))
        if not states:
            return
        assert set(states) <= {"queued", "running"}, states
        await asyncio.sleep(0.05)
    raise TimeoutError("jobs")


async def evaluate(office: Office, code: str) -> dict[str, Any]:
    """Has an exam's warnings reckoned on demand; returns the job's result."""
    asked = await office.client.post(f"/exams/{code}/warnings:evaluate", headers=bearer(CITY_ADMIN))
    assert asked.status_code == 202, asked.text
    job = await office.finished(asked.headers["location"])
    assert job["state"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result


class People:
    """Requests about warnings."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.client = office.client

    async def get(self, path: str, who: Actor = CITY_ADMIN, **options: Any) -> httpx.Response:
        """Reads an address."""
        headers = bearer(who) | options.pop("headers", {})
        return await self.client.get(path, headers=headers, **options)

    async def listed(self, who: Actor = CITY_ADMIN, **filters: Any) -> list[dict[str, Any]]:
        """Warnings that somebody is shown."""
        answer = await self.get("/warnings", who, params=filters)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def step(self, warning: str, action: str, who: Actor, **body: Any) -> httpx.Response:
        """Takes a step of a warning's life."""
        return await self.client.post(f"/warnings/{warning}:{action}", json=body, headers=bearer(who))
