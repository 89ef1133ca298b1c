"""Who teaches what in the town, and the steps in which it is verified."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl
from sqlalchemy import text

from services.teacher_eval.app import SERVICE
from services.teacher_eval.teaching_links.jobs import preview_job
from shared.contracts.roster import TEACHING_SCHEMA, FakeRoster
from shared.kernel.app import Service
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor
from tests.services.teacher_eval.development.town import Town, key, people, roster, teacher
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, county_admin, of_school

YEAR = "2026-2027"
FIRST, LAST = dt.date(2026, 9, 1), dt.date(2027, 8, 31)
MATH, CHINESE = "14", "13"
HERE = f"{COUNTY}-{SCHOOL}"
WINDOW = f"/link-windows/{COUNTY}/{YEAR}"
WHOLE = {"share": 1, "starts_on": FIRST.isoformat(), "ends_on": LAST.isoformat()}


def assignment(
    number: int, class_code: str, subject: str | None = MATH, school: str = SCHOOL, **more: Any
) -> dict[str, Any]:
    """A row of the roster's export."""
    return {
        "staff_key": key(number, school),
        "school_code": school,
        "county_code": SCHOOLS[school],
        "class_code": class_code,
        "grade_level": 3,
        "class_type": "homeroom",
        "kind": "teaching",
        "subject": subject,
        "share": 1.0,
        "starts_on": FIRST,
        "ends_on": LAST,
        "status": "assigned",
        **more,
    }


def assignments() -> list[dict[str, Any]]:
    """Teacher 0 has mathematics in c1 and c2, teachers 1 and 2 share Chinese in c1; others elsewhere."""
    return [
        assignment(0, "c1"),
        assignment(0, "c2"),
        assignment(1, "c1", CHINESE, share=0.5),
        assignment(2, "c1", CHINESE, share=0.5),
        assignment(0, "c1", None, kind="homeroom_teacher"),
        assignment(3, "c3", status="withdrawn"),
        assignment(0, "k1", school="2199000003"),
        assignment(0, "k1", school="2199000002"),
    ]


def linked_roster(rows: list[dict[str, Any]] | None = None) -> FakeRoster:
    """The town's roster with its teaching assignments."""
    frame = pl.DataFrame(assignments() if rows is None else rows, schema=TEACHING_SCHEMA)
    fake = roster()
    return FakeRoster(fake._schools, staff=people(), teaching=frame.with_columns(school_year=pl.lit(YEAR)))


def with_rooms(fake: FakeRoster, service: Service = SERVICE) -> Service:
    """The service, but for where its roster comes from."""

    @asynccontextmanager
    async def open_roster(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
        yield fake

    own = {job.name: job for job in (preview_job(open_roster),)}
    return dataclasses.replace(service, jobs=tuple(own.get(job.name, job) for job in service.jobs))


class Staffroom(Town):
    """Steps of verifying."""

    async def preview(self, **settings: Any) -> dict[str, Any]:
        """The county opens its window and has it previewed."""
        made = await self.put(f"/link-windows/{YEAR}", settings, county_admin())
        assert made.status_code == 201, made.text
        return await self.preview_again()

    async def preview_again(self) -> dict[str, Any]:
        """The job once more; its result."""
        job = await self.run_job(await self.post(f"/link-windows/{YEAR}:preview", who=county_admin()))
        return job["result"]  # type: ignore[no-any-return]

    async def own_links(self, number: int) -> dict[str, dict[str, Any]]:
        """A teacher's links by class."""
        items = (await self.get("/own-teaching-links", teacher(number))).json()["items"]
        return {item["class_code"]: item for item in items}

    async def say(self, number: int, class_code: str, step: str, **body: Any) -> httpx.Response:
        """A teacher confirms or disputes."""
        link = (await self.own_links(number))[class_code]
        return await self.post(f"/own-teaching-links/{link['id']}:{step}", body, teacher(number))

    async def school(self, school: str = HERE, who: Actor | None = None) -> httpx.Response:
        """A school in the window."""
        return await self.get(f"{WINDOW}/schools/{school}", who or of_school())

    async def step(self, step: str, who: Actor | None = None, body: Any = None) -> httpx.Response:
        """A step of the school, or of the county above it."""
        mark = "/review:" if step in ("return", "close") else ":"
        who = who or (county_admin() if mark != ":" else of_school())
        return await self.post(f"{WINDOW}/schools/{HERE}{mark}{step}", body, who, match=await self.school())

    async def decide(self, link: dict[str, Any], **body: Any) -> httpx.Response:
        """The school decides about a link."""
        said = WHOLE | {"reason": "核对课表属实"} | body
        return await self.post(f"/teaching-links/{link['id']}:decide", said, of_school(), match=link["version"])

    async def time_passes(self) -> None:
        """The teachers' time was over an hour ago."""
        async with self.kernel.database.transaction("") as session:
            await session.execute(text("update school_links set due_at = now() - interval '1 hour'"))

    async def close_all(self) -> dict[str, Any]:
        """Everybody confirms, the school finishes, the county freezes."""
        for number, classes in ((0, ("c1", "c2")), (1, ("c1",)), (2, ("c1",))):
            for class_code in classes:
                assert (await self.say(number, class_code, "confirm")).status_code == 200
        for step in ("decide", "finish", "close"):
            answer = await self.step(step)
            assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]
