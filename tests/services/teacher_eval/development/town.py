"""A small city whose staff are registered, and the steps of their development."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl

from services.teacher_eval.app import SERVICE
from services.teacher_eval.staff_register.jobs import refresh_job
from shared.contracts.roster import STAFF_SCHEMA, FakeRoster, School
from shared.kernel.app import Service
from shared.kernel.command import run_until_stopped
from shared.kernel.context import Kernel
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from tests.support.city import CITY_ADMIN, SCHOOLS, World, county_admin, of_school

TODAY = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
ROUND = "backbone-2026"
WORDS = {"text": "材料齐全，查看属实"}
PER_SCHOOL = 12
#: Hours before this platform kept them: a reviewer lets them pass.
WAIVED = {"hours": {"reason": "平台启用前的学时未导入", "document": "继续教育证书"}}


def key(number: int, school: str = "2199000001") -> str:
    """The key of a member of staff: 26 letters."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return (f"{letters[int(school[-1])]}{letters[number % 26]}{letters[number // 26]}" + "a" * 26)[:26]


def people() -> pl.DataFrame:
    """Twelve people in every school, all active."""
    rows = [
        {
            "staff_key": key(number, school),
            "name": f"教师{school[-1]}{number:02d}",
            "school_code": school,
            "county_code": county,
            "status": "active",
            "sex": "1",
            "birth_year": 1980 + number,
            "post": "10",
        }
        for school, county in SCHOOLS.items()
        for number in range(PER_SCHOOL)
    ]
    return pl.DataFrame(rows, schema=STAFF_SCHEMA)


def roster(staff: pl.DataFrame | None = None) -> FakeRoster:
    """Six schools of two counties; the first two are rural, the last has two stages."""
    schools = [
        School(
            code,
            f"学校{code[-1]}",
            county,
            "211",
            ("primary", "junior_secondary") if code[-1] == "6" else ("primary",),
            urban_rural="220" if code[-1] in "12" else "111",
        )
        for code, county in SCHOOLS.items()
    ]
    return FakeRoster(schools, staff=people() if staff is None else staff)


def with_roster(fake: FakeRoster) -> Service:
    """The service, but for where its roster comes from."""

    @asynccontextmanager
    async def open_roster(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
        yield fake

    own = {job.name: job for job in (refresh_job(open_roster),)}
    return dataclasses.replace(SERVICE, jobs=tuple(own.get(job.name, job) for job in SERVICE.jobs))


@asynccontextmanager
async def working(service: Service, settings: ServiceSettings) -> AsyncIterator[None]:
    """A worker in this process."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_until_stopped(service, settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 25)


def teacher(number: int = 0, school: str = "2199000001") -> Actor:
    """A teacher with an account of their own."""
    return of_school(Role.TEACHER, school, subject=f"teacher-{school}-{number}", person=key(number, school))


class Town(World):
    """The steps of people's development."""

    kernel: Kernel

    async def refresh(self, who: Actor = CITY_ADMIN) -> dict[str, Any]:
        """Brings the register up to date."""
        return await self.run_job(await self.post("/staff-register:refresh", who=who))

    async def open_round(self, code: str = ROUND, rung: str = "backbone", **more: Any) -> httpx.Response:
        """Adopts the ladder of teachers and opens a round of a county's rung, or of the city's."""
        await self.post("/ladders/teachers:adopt")
        who = county_admin() if rung == "backbone" else CITY_ADMIN
        body = {
            "name": {"zh": "2026年骨干教师认定", "en": "Backbone teachers 2026"},
            "ladder": "teachers",
            "rung": rung,
            "nominations_end_on": TODAY.isoformat(),
            "document": "认定通知",
            **more,
        }
        made = await self.put(f"/title-rounds/{code}", body, who)
        assert made.status_code == 201, made.text
        return made

    async def nominate(self, number: int = 0, code: str = ROUND, **more: Any) -> httpx.Response:
        """The school nominates one of its people."""
        stated = {
            "hours": {"value": 400, "document": "继续教育证书"},
            "grades": {"value": 3, "document": "年度考核登记表"},
            "honors": {"value": 1, "document": "县级表彰文件"},
            "conduct": {"value": 0, "document": "师德考核证明"},
        }
        body = WORDS | {"subject": "13", "stated": stated} | more
        return await self.post(f"/title-rounds/{code}/titles/{key(number)}", body, of_school())

    async def title(self, number: int = 0, code: str = ROUND, who: Actor | None = None) -> httpx.Response:
        """A person's title."""
        return await self.get(f"/title-rounds/{code}/titles/{key(number)}", who or county_admin())

    async def step(self, step: str, who: Actor, number: int = 0, code: str = ROUND, **more: Any) -> httpx.Response:
        """A step of one title, e.g. ``/reviews/review``."""
        address = f"/title-rounds/{code}/titles/{key(number)}"
        return await self.post(f"{address}{step}", WORDS | more, who, match=await self.title(number, code))

    async def run_job(self, accepted: httpx.Response) -> dict[str, Any]:
        """Waits for the job of a 202 answer; fails the test unless it succeeds."""
        assert accepted.status_code == 202, accepted.text
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job: dict[str, Any] = (await self.get(f"/jobs/{accepted.headers['location'].rpartition('/')[2]}")).json()
            if job["finished_at"]:
                assert job["state"] == "succeeded", job
                return job
            await asyncio.sleep(0.05)
        raise TimeoutError
