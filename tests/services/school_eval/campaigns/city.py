"""A small city's round of evaluation: a scheme, a roster in memory, and the steps its people take."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime as dt
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
import polars as pl

from services.school_eval.app import SERVICE
from services.school_eval.campaigns.jobs import open_campaign_job
from services.school_eval.prefill.jobs import prefill_job
from shared.contracts.monitoring import FakeMonitoring
from shared.contracts.roster import ENROLLMENT_SCHEMA, FakeRoster, School
from shared.kernel.app import Service
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from tests.support.city import CITY_ADMIN, SCHOOLS, World, county_admin, of_school
from tests.support.settings import bearer

SCHEME = """\
scheme: city_school
name: {zh: 学校办学质量, en: Quality of schools}
of: school
in_force_from: 2026-01-01
document: 测试用方案
group_by: [urban_rural]
grades:
  - {grade: A, name: {zh: 优秀, en: Excellent}, at_least: 90}
  - {grade: B, name: {zh: 良好, en: Good}, at_least: 80}
  - {grade: C, name: {zh: 合格, en: Sound}, at_least: 60}
  - {grade: D, name: {zh: 待改进, en: To be mended}, at_least: 0}
children:
  # 办学方向
  - code: A1
    name: {zh: 办学方向与课程教学, en: Direction and teaching}
    weight: 60
    children:
      - code: B1
        name: {zh: 德育为先, en: Moral education}
        weight: 20
        rule: {kind: levels, levels: {A: 1, B: 0.8, C: 0.6, D: 0}}
        source: self_assessment
        evaluators: [school, county, city]
        methods: [documents]
        evaluation_kind: process
      - code: B2
        name: {zh: 开齐开足课程, en: Courses opened in full}
        weight: 20
        rule: {kind: yes_no}
        source: self_assessment
        evaluators: [school, county]
        methods: [on_site]
        evaluation_kind: process
      - code: B3
        name: {zh: 生均图书, en: Books per student}
        weight: 20
        rule: {kind: linear, min: 0, max: 30}
        source: {kind: statistics, key: books_per_student}
        evaluators: [platform]
        methods: [computed]
        evaluation_kind: comprehensive
  # 学校管理
  - code: A2
    name: {zh: 学校管理, en: Management}
    weight: 40
    children:
      - code: B4
        name: {zh: 内部治理, en: Governance}
        weight: 30
        rule: {kind: levels, levels: {A: 1, B: 0.8, C: 0.6, D: 0}}
        source: inspection
        evaluators: [county]
        methods: [on_site]
        evaluation_kind: process
      - code: B5
        name: {zh: 校车安全隐患, en: Faults of school buses}
        weight: 10
        rule: {kind: deduct, from: 1, per_event: 0.25, floor: 0}
        source: self_assessment
        evaluators: [school, county]
        methods: [interview]
        evaluation_kind: process
        applies_to: {urban_rural: ["220"]}
"""
RURAL = frozenset({"2199000001", "2199000002"})
TODAY = dt.datetime.now(dt.UTC).date()
EVIDENCE = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer << >>\n%%EOF\n"
CAMPAIGN = "round-2026"


def roster() -> FakeRoster:
    """Six schools of two counties, two of them in villages."""
    schools = [
        School(
            code,
            f"学校{code[-1]}",
            county,
            "211",
            ("primary",),
            urban_rural="220" if code in RURAL else "111",
            ownership="21",
            attributes={"is_boarding": code[-1] == "1"},
        )
        for code, county in SCHOOLS.items()
    ]
    return FakeRoster(schools, pl.DataFrame(schema={**ENROLLMENT_SCHEMA, "school_year": pl.String()}))


def with_roster(fake: FakeRoster) -> Service:
    """The service, but for where its roster comes from."""

    @asynccontextmanager
    async def open_roster(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
        yield fake

    @asynccontextmanager
    async def open_monitoring(_: ServiceSettings) -> AsyncIterator[FakeMonitoring]:
        yield FakeMonitoring()

    own = {job.name: job for job in (open_campaign_job(open_roster), prefill_job(open_monitoring))}
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


def day(after: int) -> str:
    """A day some days from now."""
    return (TODAY + dt.timedelta(days=after)).isoformat()


def campaign_body(**changes: Any) -> dict[str, Any]:
    """A campaign of all six schools, a third of each county's verified."""
    return {
        "name": {"zh": "2026年学校评价", "en": "Evaluation 2026"},
        "school_year": "2026-2027",
        "scheme": "city_school",
        "scheme_version": 1,
        "as_of": "2026-11-01",
        "calendar": {
            "data_checking_ends_on": day(5),
            "self_evaluation_ends_on": day(20),
            "county_review_ends_on": day(40),
            "city_verification_ends_on": day(60),
        },
        "verification": {"mode": "sampled", "share": 0.3, "least": 1},
        **changes,
    }


class Round(World):
    """The steps of a round."""

    async def publish_scheme(self, text: str = SCHEME) -> None:
        """Imports and publishes the scheme."""
        sent = await self.client.put(
            "/schemes/city_school/draft",
            content=text.encode(),
            headers=bearer(CITY_ADMIN) | {"Content-Type": "application/yaml"},
        )
        assert sent.status_code == 201, sent.text
        published = await self.post("/schemes/city_school:publish", {"reason": "首次发布本方案"}, match=sent)
        assert published.status_code == 201, published.text

    async def open_campaign(self, **changes: Any) -> None:
        """Publishes the scheme, registers a campaign and opens it."""
        await self.publish_scheme()
        registered = await self.put(f"/campaigns/{CAMPAIGN}", campaign_body(**changes))
        assert registered.status_code == 201, registered.text
        await self.run_job(await self.post(f"/campaigns/{CAMPAIGN}:open"))
        await self.run_job(await self.step("prefill", {"exams": {}}))

    async def step(self, action: str, body: Any = None, who: Actor = CITY_ADMIN) -> httpx.Response:
        """A step of the campaign."""
        return await self.post(f"/campaigns/{CAMPAIGN}:{action}", body, who)

    async def at(self, school: str, path: str, body: Any = None, who: Actor | None = None) -> httpx.Response:
        """A step of one school's evaluation, by its head unless somebody else is named."""
        head = of_school(Role.SCHOOL_ADMIN, school)
        return await self.post(f"/campaigns/{CAMPAIGN}/evaluations/{school}{path}", body, who or head)

    async def sheet(self, school: str, who: Actor | None = None) -> dict[str, Any]:
        """A school's sheet; its leaves by code under ``leaves``."""
        answer = await self.get(f"/campaigns/{CAMPAIGN}/evaluations/{school}", who or of_school(school=school))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found | {"leaves": {leaf["leaf"]: leaf for leaf in found["leaves"]}}

    async def enter(self, school: str, who: Actor | None = None, **values: Any) -> httpx.Response:
        """Enters values of a school."""
        items = [{"leaf": leaf, "value": value} for leaf, value in values.items()]
        return await self.at(school, "/values:enter", {"items": items}, who)

    async def attach(self, school: str, leaf: str = "B1", who: Actor | None = None) -> httpx.Response:
        """Attaches a file to a leaf."""
        headers = {"Content-Disposition": 'attachment; filename="plan.pdf"', "Content-Type": "application/octet-stream"}
        return await self.client.post(
            f"/campaigns/{CAMPAIGN}/evaluations/{school}/leaves/{leaf}/evidence",
            content=EVIDENCE,
            headers=bearer(who or of_school(school=school)) | headers,
        )

    async def submit(self, school: str, level: str = "B", *, is_offered: bool = True, faults: int = 1) -> None:
        """A school enters everything and submits."""
        values = {"B1": level, "B2": is_offered} | ({"B5": faults} if school in RURAL else {})
        assert (await self.enter(school, **values)).status_code == 200
        assert (await self.attach(school)).status_code == 201
        submitted = await self.at(school, ":submit")
        assert submitted.status_code == 200, submitted.text

    async def review(self, school: str, level: str = "A") -> None:
        """A county confirms what its school entered, judges the rest and finishes."""
        county = county_admin(SCHOOLS[school])
        items: list[dict[str, Any]] = [{"leaf": "B1"}, {"leaf": "B2"}, {"leaf": "B4", "value": level}]
        items += [{"leaf": "B5"}] if school in RURAL else []
        judged = await self.at(school, "/values:review", {"items": items}, county)
        assert judged.status_code == 200, judged.text
        finished = await self.at(school, ":review", None, county)
        assert finished.status_code == 200, finished.text

    async def to_city_verification(self, schools: Sequence[str] = tuple(SCHOOLS)) -> list[str]:
        """Takes the campaign through self-evaluation and review; returns the drawn schools."""
        assert (await self.step("begin-self-evaluation")).status_code == 200
        for school in schools:
            await self.submit(school)
        drawn = await self.step("draw", {"seed": "20261125-0417", "source": "市教育局公开摇号记录"})
        assert drawn.status_code == 200, drawn.text
        assert (await self.step("begin-county-review")).status_code == 200
        for school in schools:
            await self.review(school)
        assert (await self.step("begin-city-verification")).status_code == 200
        board = await self.get(f"/campaigns/{CAMPAIGN}/evaluations", params={"is_drawn": "true"})
        return [row["school_code"] for row in board.json()["items"]]

    async def verify(self, schools: Sequence[str]) -> None:
        """The city confirms what it looks at of the drawn schools."""
        for school in schools:
            confirmed = await self.at(school, "/values:verify", {"items": [{"leaf": "B1"}]}, CITY_ADMIN)
            assert confirmed.status_code == 200, confirmed.text
            assert (await self.at(school, ":verify", None, CITY_ADMIN)).status_code == 200

    async def run_job(self, accepted: httpx.Response) -> dict[str, Any]:
        """Waits for the job of a 202 answer; fails the test unless it succeeds."""
        job = await self.ended_job(accepted)
        assert job["state"] == "succeeded", job
        return job

    async def failed_job(self, accepted: httpx.Response) -> dict[str, Any]:
        """Waits for the job of a 202 answer; fails the test unless it is refused."""
        job = await self.ended_job(accepted)
        assert job["state"] == "failed", job
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
