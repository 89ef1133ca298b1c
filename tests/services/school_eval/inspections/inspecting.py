"""Inspections in the small city: its roster, its inspectors, a drawn plan, rated visits."""

from __future__ import annotations

import asyncio
import dataclasses
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl

from services.school_eval.app import SERVICE
from services.school_eval.visit_plans.jobs import close_frame_job
from services.school_eval.visit_plans.rules import school_year_of, semester_of
from shared.contracts.roster import ENROLLMENT_SCHEMA, FakeRoster, School
from shared.kernel import clock
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from tests.support.city import CITY, CITY_ADMIN, SCHOOLS, World, of_school
from tests.support.settings import actor

PLAN = "/visit-plans/own/routine"
SEEN = "/visit-plans/9900/routine"
FIRST, SECOND, NEAR = (actor(Role.INSPECTOR, CITY, subject=f"inspector-{n}") for n in (1, 2, 3))
CHECKLISTS = ("management_routine", "teaching_routine")
SMALL = {
    "name": {"zh": "小清单", "en": "Small list"},
    "routine": "management",
    "document": "测试清单",
    "verified": False,
    "sections": [
        {
            "code": "order",
            "name": {"zh": "秩序", "en": "Order"},
            "items": [
                {"code": "timetable", "scale": "four_levels", "weight": "3", "name": {"zh": "课表", "en": "Timetable"}},
                {"code": "fire", "scale": "yes_no", "weight": "1", "name": {"zh": "消防", "en": "Fire"}},
            ],
        }
    ],
}
TIMETABLE, FIRE = "small.order.timetable", "small.order.fire"


def roster() -> FakeRoster:
    """Six open schools, odd ones in villages, the last one run by the city; and one that is closed."""
    schools = [
        School(
            code,
            f"学校{code[-1]}",
            county,
            "211",
            ("primary",),
            urban_rural="220" if int(code[-1]) % 2 else "111",
            attributes={"is_city_run": code[-1] == "6"},
        )
        for code, county in SCHOOLS.items()
    ]
    closed = School("2199000009", "学校9", "990001", "211", ("primary",), urban_rural="220", is_closed=True)
    return FakeRoster([*schools, closed], pl.DataFrame(schema={**ENROLLMENT_SCHEMA, "school_year": pl.String()}))


def plan_body(**changes: Any) -> dict[str, Any]:
    """Four schools of this year, two of them rural at least, unannounced."""
    return {
        "name": {"zh": "两项常规视导", "en": "Inspection of the two routines"},
        "school_year": school_year_of(clock.today()),
        "checklists": ["small"],
        "schools": 4,
        "rural_rate": "0.5",
        "double_rated_rate": "0.25",
        **changes,
    }


class Inspecting(World):
    """The city's offices at their visits, with a worker that reads the small roster."""

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """A worker in this process."""

        @asynccontextmanager
        async def opened(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
            yield roster()

        kinds = {kind.name: kind for kind in SERVICE.jobs} | {(job := close_frame_job(opened)).name: job}
        service = dataclasses.replace(SERVICE, jobs=tuple(kinds.values()))
        stop = asyncio.Event()
        task = asyncio.create_task(run_until_stopped(service, self.settings, stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 25)

    async def finished(self, accepted: httpx.Response, who: Actor = CITY_ADMIN) -> dict[str, Any]:
        """Waits for the job of a 202 answer."""
        assert accepted.status_code == 202, accepted.text
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job: dict[str, Any] = (await self.get(f"http://service{accepted.headers['location']}", who)).json()
            if job["finished_at"]:
                return job
            await asyncio.sleep(0.05)
        raise TimeoutError(accepted.headers["location"])

    async def ready(self, who: Actor = CITY_ADMIN) -> None:
        """A published checklist and three inspectors, of whom one belongs to every school."""
        made = await self.put("/checklists/small", SMALL, who)
        assert made.status_code == 201, made.text
        published = await self.post("/checklists/small:publish", {"note": "首次发布清单"}, who, match=made)
        assert published.status_code == 201, published.text
        for person in (FIRST, SECOND, NEAR):
            own = sorted(SCHOOLS) if person is NEAR else []
            body = {"staff_code": f"T{person.subject[-1]}", "own_schools": own}
            assert (await self.put(f"/inspectors/{person.subject}", body, who)).status_code == 201

    async def frame_closed(self, who: Actor = CITY_ADMIN, **changes: Any) -> httpx.Response:
        """A plan whose frame is closed."""
        made = await self.put(PLAN, plan_body(**changes), who)
        assert made.status_code == 201, made.text
        async with self.working():
            job = await self.finished(await self.post(f"{PLAN}:close-frame", who=who), who)
        assert job["state"] == "succeeded", job
        return await self.get(SEEN, who)

    async def drawn(self, *, seed: int = 20261125, **changes: Any) -> list[dict[str, Any]]:
        """Everything up to the draw; returns the schools that were drawn."""
        await self.ready()
        await self.frame_closed(**changes)
        drawn = await self.post(f"{PLAN}:draw", {"seed": seed, "witnessed_by": "纪检组、督导室"})
        assert drawn.status_code == 201, drawn.text
        rows: list[dict[str, Any]] = (await self.get(f"{SEEN}/schools?role=drawn")).json()["items"]
        return rows

    async def plan_visit(
        self, school: Mapping[str, Any], raters: Iterable[Actor] = (FIRST, SECOND), **changes: Any
    ) -> str:
        """A visit of today; returns its address."""
        address = f"/visits/{uuid.uuid4()}"
        made = await self.put(address, visit_body(school, raters, **changes))
        assert made.status_code == 201, made.text
        return address

    async def rate(self, address: str, who: Actor, ratings: Mapping[str, int], note: str | None = None) -> None:
        """Rates everything in one upload and hands it in."""
        items = [{"item": item, **rating_body(rating, note=note)} for item, rating in ratings.items()]
        sent = await self.post(f"{address}/ratings:sync", {"items": items}, who)
        assert [row["outcome"] for row in sent.json()["items"]] == ["stored"] * len(items), sent.text
        submitted = await self.post(f"{address}:submit", who=who)
        assert submitted.status_code == 200, submitted.text

    async def rated_visit(self, school: Mapping[str, Any], *ratings: Mapping[str, int]) -> str:
        """A visit that was made and rated by as many inspectors as there are ratings."""
        people = (FIRST, SECOND)[: len(ratings)]
        address = await self.plan_visit(school, people)
        assert (await self.post(f"{address}:start", who=FIRST)).status_code == 200
        for person, given in zip(people, ratings, strict=True):
            await self.rate(address, person, given, note="现场查看所见情况")
        return address

    async def sign(self, address: str, school: str, remarks: str | None = None) -> httpx.Response:
        """The school signs what it sees."""
        who = of_school(school=school)
        seen = await self.get(address, who)
        body = {"outcome_sha256": seen.json()["outcome_sha256"], "remarks": remarks}
        return await self.post(f"{address}:sign", body, who, match=seen)


def visit_body(school: Mapping[str, Any], raters: Iterable[Actor] = (FIRST, SECOND), **changes: Any) -> dict[str, Any]:
    """A visit of a planned school, today."""
    return {
        "plan": "routine",
        "county_code": school["county_code"],
        "school_code": school["school_code"],
        "planned_on": clock.today().isoformat(),
        "raters": [rater.subject for rater in raters],
        **changes,
    }


def rating_body(rating: int | None, *, base: int = 0, **changes: Any) -> dict[str, Any]:
    """A rating as a phone sends it."""
    return {
        "change_id": str(uuid.uuid4()),
        "base_version": base,
        "client_at": clock.now().isoformat(),
        "rating": rating,
        **changes,
    }


def semester() -> int:
    """The present semester."""
    return semester_of(clock.today())
