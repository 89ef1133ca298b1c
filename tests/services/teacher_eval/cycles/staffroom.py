"""A small city's staff and their annual evaluation: a scheme, a roster in memory, and the steps its people take."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl

from services.teacher_eval.app import SERVICE
from services.teacher_eval.cycles.jobs import open_cycle_job
from services.teacher_eval.cycles.members import refresh_job
from services.teacher_eval.filling.filled import Filled, Provider, Wanted, filled
from shared.contracts.roster import STAFF_SCHEMA, FakeRoster, School
from shared.kernel.app import Service
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import ServiceSettings
from shared.scoring.scheme.tree import SourceKind
from shared.terms.actor import Actor, Role
from tests.support.city import CITY_ADMIN, SCHOOL, SCHOOLS, World, county_admin, of_school
from tests.support.settings import bearer

SCHEME = """\
scheme: staff_of_test
name: {zh: 教师年度评价, en: Annual evaluation of teachers}
of: staff
in_force_from: 2026-01-01
document: 测试用方案
group_by: [school_code]
grades:
  - {grade: A, name: {zh: 好, en: Good}, at_least: 80}
  - {grade: B, name: {zh: 中, en: Fair}, at_least: 60}
  - {grade: C, name: {zh: 差, en: Poor}, at_least: 0}
children:
  - code: A1
    name: {zh: 师德师风, en: Conduct}
    weight: 40
    children:
      - code: L1
        name: {zh: 民主测评, en: Democratic appraisal}
        weight: 20
        rule: {kind: linear, min: 0, max: 100}
        source: inspection
        evaluators: [appraisers]
        methods: [interview]
        evaluation_kind: comprehensive
      - code: L2
        name: {zh: 学校评定, en: Judged by the school}
        weight: 20
        rule: {kind: levels, levels: {A: 1, B: 0.8, C: 0.6, D: 0}}
        source: inspection
        evaluators: [self, appraisers, school, county]
        methods: [interview]
        evaluation_kind: process
  - code: A2
    name: {zh: 教育教学, en: Teaching}
    weight: 60
    children:
      - code: L3
        name: {zh: 课时工作量, en: Workload}
        weight: 30
        rule: {kind: linear, min: 0, max: 1}
        source: {kind: records, key: workload.hours_ratio}
        evaluators: [platform]
        methods: [computed]
        evaluation_kind: process
      - code: L4
        name: {zh: 公开课, en: Open lessons}
        weight: 30
        rule: {kind: linear, min: 0, max: 4}
        source: self_assessment
        evaluators: [self, school]
        methods: [documents]
        evaluation_kind: process
"""
SCHEME = SCHEME.replace("evaluators: [self, appraisers, school, county]", "evaluators: [self, school]")
CYCLE = "year-2026"
#: Of each school: one leader and so many teachers.
TEACHERS = 10
EVIDENCE = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"


def staff_key(number: int, school: str = SCHOOL) -> str:
    """Key of somebody of a school: 0 is the leader, the others teach."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return (letters[int(school[-1])] + letters[number]).ljust(26, "a")


def person(number: int, school: str = SCHOOL) -> Actor:
    """A member of staff, by their account."""
    return of_school(Role.TEACHER, school, subject=f"teacher-{school}-{number}", person=staff_key(number, school))


def staff_rows(schools: Sequence[str] = tuple(SCHOOLS), count: int = TEACHERS + 1) -> list[dict[str, Any]]:
    """Rows of the roster."""
    return [
        {
            "staff_key": staff_key(number, school),
            "name": f"教师{school[-1]}{number}",
            "school_code": school,
            "county_code": SCHOOLS[school],
            "status": "active",
            "post": "32" if number == 0 else "10",
            "professional_title": "401",
        }
        for school in schools
        for number in range(count)
    ]


def roster(rows: Sequence[Mapping[str, Any]]) -> FakeRoster:
    """Six schools and their staff."""
    schools = [School(code, f"学校{code[-1]}", county, "211", ("primary",)) for code, county in SCHOOLS.items()]
    frame = pl.DataFrame([{name: row.get(name) for name in STAFF_SCHEMA} for row in rows], schema=STAFF_SCHEMA)
    return FakeRoster(schools, staff=frame)


class Workload(Provider):
    """Workload out of nowhere: a tenth of a standard load per place in the school's list."""

    kind = SourceKind.RECORDS

    @staticmethod
    def knows(key: str) -> bool:
        return key == "workload.hours_ratio"

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        rows: list[tuple[str, float, float | None]] = [
            (key, (ord(key[1]) - ord("a")) / 10, None) for key in wanted.staff["staff_key"]
        ]
        return {key: Filled(filled(rows), {"source": "test"}) for key in keys}


def with_roster(fake: FakeRoster) -> Service:
    """The service, but for where its roster comes from."""

    @asynccontextmanager
    async def open_roster(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
        yield fake

    own = {job.name: job for job in (open_cycle_job(open_roster), refresh_job(open_roster))}
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


def cycle_body(**changes: Any) -> dict[str, Any]:
    """A cycle of all schools."""
    return {
        "name": {"zh": "2026年度考核", "en": "Annual assessment 2026"},
        "school_year": "2026-2027",
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "as_of": "2026-11-01",
        "scheme": "staff_of_test",
        "scheme_version": 1,
        "least_totals": {"qualified": "45", "basically_qualified": "30"},
        **changes,
    }


class Staffroom(World):
    """The steps of an annual evaluation."""

    async def draft_scheme(self, text: str) -> httpx.Response:
        """Imports a document as the draft of a scheme."""
        code = text.partition("\n")[0].removeprefix("scheme: ")
        headers = {"Content-Type": "application/yaml"}
        return await self.ask("PUT", f"/schemes/{code}/draft", content=text.encode(), headers=headers)

    async def publish_scheme(self, text: str = SCHEME) -> httpx.Response:
        """Imports a document and publishes it."""
        drafted = await self.draft_scheme(text)
        assert drafted.status_code in (200, 201), drafted.text
        code = drafted.json()["code"]
        return await self.post(f"/schemes/{code}:publish", {"reason": "用于年度考核"}, match=drafted)

    async def open_cycle(self, **changes: Any) -> None:
        """Registers a cycle, freezes its people and fills in what the platform knows."""
        await self.publish_scheme()
        registered = await self.put(f"/cycles/{CYCLE}", cycle_body(**changes))
        assert registered.status_code == 201, registered.text
        await self.run_job(await self.post(f"/cycles/{CYCLE}:open"))
        await self.run_job(await self.post(f"/cycles/{CYCLE}:fill"))

    async def at(
        self, path: str, body: Any = None, who: Actor | None = None, *, school: str = SCHOOL
    ) -> httpx.Response:
        """A step of a school, by its head unless somebody else is named."""
        return await self.post(f"/cycles/{CYCLE}/schools/{school}{path}", body, who or of_school(school=school))

    async def done(self, path: str, body: Any = None, who: Actor | None = None, *, school: str = SCHOOL) -> Any:
        """As :meth:`at`; fails the test unless it is done."""
        answer = await self.at(path, body, who, school=school)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    async def mine(self, number: int, path: str = "", body: Any = None, *, school: str = SCHOOL) -> httpx.Response:
        """A step of one's own evaluation; without a body it is read."""
        address = f"/cycles/{CYCLE}/mine{path}"
        if body is None and not path.startswith(":"):
            return await self.get(address, person(number, school))
        return await self.post(address, body, person(number, school))

    async def attach(self, number: int, leaf: str = "L4", *, school: str = SCHOOL) -> httpx.Response:
        """Attaches a file to a leaf of one's own."""
        headers = {"Content-Disposition": 'attachment; filename="plan.pdf"', "Content-Type": "application/octet-stream"}
        key = staff_key(number, school)
        return await self.client.post(
            f"/cycles/{CYCLE}/schools/{school}/members/{key}/leaves/{leaf}/evidence",
            content=EVIDENCE,
            headers=bearer(person(number, school)) | headers,
        )

    async def evaluate_oneself(self, number: int, *, school: str = SCHOOL) -> None:
        """Enters everything, attaches a file and submits."""
        items = [{"leaf": "L2", "value": "B"}, {"leaf": "L4", "value": 2}]
        entered = await self.mine(number, "/values:enter", {"items": items}, school=school)
        assert entered.status_code == 200, entered.text
        assert (await self.attach(number, school=school)).status_code == 201
        body = {"statement": "一年来认真履行职责，完成各项工作。"} if number == 0 else {}
        submitted = await self.mine(number, ":submit", body, school=school)
        assert submitted.status_code == 200, submitted.text

    async def to_appraisal(self, *, school: str = SCHOOL) -> None:
        """Takes a school through self-evaluation."""
        await self.done(":open", school=school)
        await self.done(":begin-self-evaluation", school=school)
        for number in range(TEACHERS + 1):
            await self.evaluate_oneself(number, school=school)
        leader = f"/members/{staff_key(0, school)}"
        await self.done(f"{leader}:review-material", school=school)
        await self.done(f"{leader}:show-material", school=school)
        await self.done(":begin-democratic-appraisal", school=school)

    async def to_assessment(self, *, school: str = SCHOOL, scores: Mapping[int, float] | None = None) -> None:
        """Takes a school through its appraisal and lets the school judge everybody."""
        await self.to_appraisal(school=school)
        given = dict.fromkeys(range(TEACHERS + 1), 80.0) | dict(scores or {})
        items = [{"staff_key": staff_key(n, school), "value": value, "ballots": 20} for n, value in given.items()]
        await self.done("/values:appraise", {"leaf": "L1", "source": "民主测评记录", "items": items}, school=school)
        await self.done(":begin-comprehensive-assessment", school=school)
        for number in given:
            confirmed = {"items": [{"leaf": "L2"}, {"leaf": "L4"}]}
            await self.done(f"/members/{staff_key(number, school)}/values:assess", confirmed, school=school)

    async def run_job(self, accepted: httpx.Response) -> dict[str, Any]:
        """Waits for the job of a 202 answer; fails the test unless it succeeds."""
        job = await self.ended_job(accepted)
        assert job["state"] == "succeeded", job
        return job

    async def ended_job(self, accepted: httpx.Response) -> dict[str, Any]:
        """Waits for the job of a 202 answer to end."""
        assert accepted.status_code == 202, accepted.text
        return await self.ended(accepted.headers["location"].rpartition("/")[2])

    async def ended(self, job_id: str) -> dict[str, Any]:
        """Waits for a job to end."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            job: dict[str, Any] = (await self.get(f"/jobs/{job_id}")).json()
            if job["finished_at"]:
                return job
            await asyncio.sleep(0.05)
        raise TimeoutError(job_id)


__all__ = ["CITY_ADMIN", "CYCLE", "SCHOOL", "SCHOOLS", "Staffroom", "county_admin", "of_school", "person", "staff_key"]
