"""A small city for the tests of monitoring: two counties, six schools, a roster, and ways to act as its people."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl

from shared.contracts.roster import FakeRoster, School
from shared.kernel.app import Service
from shared.kernel.command import run_until_stopped
from shared.kernel.personal import person_key
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Role
from shared.terms.identity_number import check_character
from shared.terms.organization import school_path
from tests.support.settings import actor, bearer

CITY, YEAR, GRADE = "99/9900/", "2026-2027", 6
COUNTIES = ("990001", "990002")
SCHOOLS = {f"219900000{n}": COUNTIES[n % 2] for n in range(1, 7)}
PUPILS_PER_SCHOOL = 12
Row = dict[str, str]


def pupil_number(serial: int) -> str:
    """A sound test identity of region 990001."""
    first = f"99000120150101{serial:03d}"
    return f"G{first}{check_character(first)}"


def exam_body(**changes: Any) -> dict[str, Any]:
    """A lawful sample monitoring of grade 6 in all six schools."""
    return {
        "name_zh": "六年级抽样监测",
        "name_en": "Grade 6 sample",
        "kind": "sample_monitoring",
        "grade_level": GRADE,
        "school_year": YEAR,
        "held_on": "2026-11-20",
        "sample": "按规模概率抽取的六所学校",
        "participants": sorted(SCHOOLS),
        "subjects": [
            {"code": "maths", "name_zh": "数学", "name_en": "Mathematics", "full_mark": "100", "step": "0.5"},
            {
                "code": "intake",
                "name_zh": "入口",
                "name_en": "Intake",
                "role": "intake",
                "full_mark": "20",
                "step": "1",
            },
        ],
        "value_added_models": [{"outcome": "maths", "intakes": ["intake"], "scale": "raw"}],
        "comparison_attributes": [{"code": "size", "name_zh": "规模", "name_en": "Size"}],
        **changes,
    }


class World:
    """The city, its roster and its people's requests."""

    client: httpx.AsyncClient

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self.pupils = {
            code: [pupil_number(100 * place + n) for n in range(PUPILS_PER_SCHOOL)]
            for place, code in enumerate(SCHOOLS, start=1)
        }
        self.roster = FakeRoster(self._schools(), self._enrollments())

    def _schools(self) -> list[School]:
        return [School(code, f"学校{code[-1]}", county, "211", ("primary",)) for code, county in SCHOOLS.items()]

    def _enrollments(self) -> pl.DataFrame:
        key = self.settings.key("person_key")
        rows = [
            (person_key(number, key), code, SCHOOLS[code], "c1", GRADE, "enrolled", dt.date(2026, 9, 1), None, YEAR)
            for code, numbers in self.pupils.items()
            for number in numbers
        ]
        names = ["student_key", "school_code", "county_code", "class_code", "grade_level", "status"]
        return pl.DataFrame(rows, schema=[*names, "entered_on", "left_on", "school_year"], orient="row")

    @asynccontextmanager
    async def working(self, service: Service) -> AsyncIterator[None]:
        """A worker in this process."""
        stop = asyncio.Event()
        task = asyncio.create_task(run_until_stopped(service, self.settings, stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 25)

    def as_city(self) -> dict[str, str]:
        """Headers of the city's administrator."""
        return bearer(actor(Role.CITY_ADMIN, CITY))

    def as_vendor(self) -> dict[str, str]:
        """Headers of a vendor's system that serves the whole city."""
        return bearer(actor(Role.INTEGRATION, CITY, scopes=("monitoring.read", "monitoring.write")))

    def as_school(self, code: str, role: Role = Role.SCHOOL_OPERATOR) -> dict[str, str]:
        """Headers of somebody at a school."""
        return bearer(actor(role, school_path(SCHOOLS[code], code)))

    def as_county(self, code: str) -> dict[str, str]:
        """Headers of a county's administrator."""
        return bearer(actor(Role.COUNTY_ADMIN, f"{CITY}{code}/"))

    def rows(self, school: str, *, seed: int = 0) -> list[Row]:
        """Sound rows of a school's sheet."""
        chance = random.Random(f"{school}{seed}")  # noqa: S311 - marks for a test
        rows = []
        for number in self.pupils[school]:
            intake = chance.randint(2, 20)
            mark = min(100, max(0, 4 * intake + chance.randint(-10, 20))) + 0.5 * chance.randint(0, 1) * (intake < 18)
            rows.append(
                {
                    "school_code": school,
                    "candidate_id": f"e{number[-4:]}{school[-1]}",
                    "student_id": number,
                    "class_code": "c1",
                    "maths": str(min(mark, 100)),
                    "maths_status": "",
                    "intake": str(intake),
                    "size": "large" if int(school[-1]) > 3 else "small",
                }
            )
        return rows

    async def put_exam(self, code: str = "mock", **changes: Any) -> httpx.Response:
        """Registers an exam."""
        return await self.client.put(f"/exams/{code}", json=exam_body(**changes), headers=self.as_city())

    async def open_exam(self, code: str = "mock", **changes: Any) -> None:
        """Registers an exam and opens its collection."""
        assert (await self.put_exam(code, **changes)).status_code == 201
        await self.run_job(await self.client.post(f"/exams/{code}:open", headers=self.as_city()))

    async def send(self, school: str, rows: list[Row] | None = None, **options: Any) -> httpx.Response:
        """Sends one school's sheet as CSV."""
        headers = {**options.pop("headers", self.as_vendor()), "Content-Type": "text/csv"}
        content = csv(rows or self.rows(school))
        url = f"/exams/{options.pop('exam', 'mock')}/mark-sheets/{school}"
        return await self.client.put(url, content=content, headers=headers, **options)

    async def confirm(
        self, school: str, *, exam: str = "mock", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Confirms the sheet of a school that is in force."""
        who = headers or self.as_school(school)
        sheet = (await self.client.get(f"/exams/{exam}/mark-sheets/{school}", headers=who)).json()
        body = {"sha256": sheet["sha256"]}
        return await self.client.post(f"/exams/{exam}/mark-sheets/{school}:confirm", json=body, headers=who)

    async def check(self, exam: str = "mock", *, days: int = 3) -> None:
        """Closes the collection for checking."""
        closed = await self.client.post(f"/exams/{exam}:check", json={"days": days}, headers=self.as_city())
        assert (closed.status_code, closed.json()["state"]) == (200, "checking"), closed.text

    async def check_and_confirm(self, exam: str = "mock") -> None:
        """Closes the collection and has every school that has sent a sheet confirm it."""
        await self.check(exam)
        sheets = await self.client.get(f"/exams/{exam}/mark-sheets", headers=self.as_city())
        for sheet in sheets.json()["items"]:
            confirmed = await self.confirm(sheet["school_code"], exam=exam)
            assert confirmed.status_code == 200, confirmed.text

    async def seal(self, exam: str = "mock", *, reason: str | None = None) -> httpx.Response:
        """Asks for the exam to be sealed."""
        body = {"accept_reason": reason}
        return await self.client.post(f"/exams/{exam}:seal", json=body, headers=self.as_city())

    async def follow(self, address: str, headers: dict[str, str]) -> httpx.Response:
        """Reads an address as the service gave it, which begins at the root."""
        return await self.client.get(f"http://service{address}", headers=headers)

    async def run_job(self, accepted: httpx.Response) -> dict[str, Any]:
        """Waits for the job of a 202 answer; fails the test unless it succeeds."""
        assert accepted.status_code == 202, accepted.text
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job: dict[str, Any] = (await self.follow(accepted.headers["location"], self.as_city())).json()
            if job["finished_at"]:
                assert job["state"] == "succeeded", job
                return job
            await asyncio.sleep(0.05)
        raise TimeoutError(accepted.headers["location"])


def csv(rows: list[Row]) -> bytes:
    """Rows as a CSV file."""
    lines = [",".join(rows[0])] + [",".join(row.values()) for row in rows]
    return ("\n".join(lines) + "\n").encode()
