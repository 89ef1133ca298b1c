"""Bodies, people and steps of performance pay for the tests."""

from __future__ import annotations

import asyncio
import dataclasses
import io
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text

from services.teacher_eval.app import SERVICE
from services.teacher_eval.pay_members.jobs import take_members_job
from shared.contracts.roster import FakeRoster
from shared.kernel.app import Service
from shared.kernel.command import run_until_stopped
from shared.kernel.database.engine import Database
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from tests.support.city import CITY_ADMIN, COUNTY, SCHOOL, World, county_admin, of_school

YEAR, FIRST, LAST = "2025-2026", "2025-09", "2026-01"
POOL = f"incentive-{SCHOOL}"
HEAD = of_school()
COUNTY_OFFICE = county_admin()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def staff_key(number: int) -> str:
    """A key of a member of staff of the tests."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "staffkey" + "".join(letters[(number >> shift) & 31] for shift in range(85, -1, -5))


def teacher(number: int, school: str = SCHOOL) -> Actor:
    """A member of staff at the own screen."""
    return of_school(Role.TEACHER, school, subject=f"teacher-{number}", person=staff_key(number))


def pool(amount_fen: int = 100_000, *, organization: str = f"{COUNTY}-{SCHOOL}", **changes: Any) -> dict[str, Any]:
    """A pool of one term."""
    body = {
        "name": "2025年秋季学期奖励性绩效工资",
        "kind": "incentive",
        "organization": organization,
        "school_year": YEAR,
        "first_month": FIRST,
        "last_month": LAST,
        "amount_fen": amount_fen,
        "document": "县教通〔2026〕1号",
    }
    return body | changes


def points_part(weight: str = "100", **changes: Any) -> dict[str, Any]:
    """A part shared in proportion to points."""
    method = {"kind": "points_share", "points": {"key": "total", "name": "年度考核得分"}}
    return {"code": "assessment", "name": "考核", "weight": weight, "method": method} | changes


def plan(*parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A plan of incentive pay."""
    body = {
        "name": "奖励性绩效工资分配办法",
        "pool_kind": "incentive",
        "basis": "学校章程",
        "parts": list(parts) or [points_part()],
        "outside": [{"reason": "principal"}],
    }
    return body | changes


def member(points: str | None = "90", **changes: Any) -> dict[str, Any]:
    """A person in a pool."""
    return {"points": {} if points is None else {"total": points}} | changes


async def set_pool(world: World, body: dict[str, Any] | None = None, *, code: str = POOL) -> httpx.Response:
    """The county sets a school's pool."""
    answer = await world.put(f"/pay-pools/{code}", body or pool(), COUNTY_OFFICE)
    assert answer.status_code == 201, answer.text
    return answer


async def put_members(world: World, members: list[dict[str, Any]], *, code: str = POOL, who: Actor = HEAD) -> None:
    """People 1, 2, 3 … of a pool."""
    for number, body in enumerate(members, start=1):
        answer = await world.put(f"/pay-pools/{code}/members/{staff_key(number)}", body, who)
        assert answer.status_code in (200, 201), answer.text


async def draft(world: World, body: dict[str, Any] | None = None, who: Actor = HEAD) -> str:
    """A drafted plan's id."""
    answer = await world.post("/pay-plans", body or plan(), who)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def attach_minutes(world: World, plan_id: str, who: Actor = HEAD) -> None:
    """Minutes of the congress."""
    files = {"file": ("minutes.txt", io.BytesIO("教职工代表大会会议记录".encode()), "text/plain")}
    answer = await world.ask("POST", f"/pay-plans/{plan_id}/evidence", who, files=files)
    assert answer.status_code == 201, answer.text


VOTE = {"held_on": "2026-01-10", "entitled": 90, "present": 80, "in_favor": 70}


async def step(world: World, path: str, body: Any = None, who: Actor = HEAD) -> dict[str, Any]:
    """A step that has to succeed."""
    answer = await world.post(f"/{path}", body, who)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def faults(answer: httpx.Response) -> list[str]:
    """Codes of the faults an answer lists."""
    return [each["code"] for each in answer.json().get("errors", [])]


async def filed(
    world: World, body: dict[str, Any] | None = None, who: Actor = HEAD, *, simulate: bool = True, code: str = POOL
) -> str:
    """A plan that went all its way to the county's receipt; ``simulate=False``: tried on people of the test's own."""
    plan_id = await draft(world, body, who)
    await step(world, f"pay-plans/{plan_id}:check", who=who)
    if simulate:
        await step(world, f"pay-pools/{code}/scenarios", {"name": "表决前测算", "plans": [plan_id]}, who)
    else:
        await simulated_by_hand(world, plan_id)
    await attach_minutes(world, plan_id, who)
    await step(world, f"pay-plans/{plan_id}:pass", VOTE, who)
    await step(world, f"pay-plans/{plan_id}:file", {"receipt": "备案〔2026〕3号"}, CITY_ADMIN)
    return plan_id


async def simulated_by_hand(world: World, plan_id: str) -> None:
    """As if the plan had been run on people with sound figures."""
    database = Database(world.settings.database_url.get_secret_value())
    async with database.transaction("") as session:
        await session.execute(text("update pay_plans set state = 'simulated' where id = :id"), {"id": plan_id})
    await database.close()


async def confirmed(world: World, body: dict[str, Any] | None = None, who: Actor = HEAD, *, code: str = POOL) -> str:
    """A run of a filed plan that a person has confirmed; its id."""
    plan_id = await filed(world, body, who, code=code)
    run = await step(world, "pay-runs", {"pool": code, "plan": plan_id}, who)
    await step(world, f"pay-runs/{run['id']}:confirm", {"reason": "考核组已核对无误"}, who)
    return str(run["id"])


def unpacked(archive: bytes, folder: Path) -> None:
    """A bundle's files."""
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)


def checked(folder: Path) -> int:
    """What the separate program says of a folder."""
    program = Path(__file__).parents[4] / "tools" / "check_pay_certificate.py"
    return subprocess.run([sys.executable, str(program), str(folder)], capture_output=True, check=False).returncode


def with_roster(fake: FakeRoster) -> Service:
    """The service, but for where its roster comes from."""

    @asynccontextmanager
    async def open_roster(_: ServiceSettings) -> AsyncIterator[FakeRoster]:
        yield fake

    own = {job.name: job for job in (take_members_job(open_roster),)}
    return dataclasses.replace(SERVICE, jobs=tuple(own.get(job.name, job) for job in SERVICE.jobs))


async def finished(world: World, job: dict[str, Any], service: Service = SERVICE, who: Actor = HEAD) -> dict[str, Any]:
    """What a job came to, once a worker has done it."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_until_stopped(service, world.settings, stop))
    try:
        for _ in range(200):
            found: dict[str, Any] = (await world.get(f"/jobs/{job['id']}", who)).json()
            if found["state"] in ("succeeded", "failed"):
                break
            await asyncio.sleep(0.05)
    finally:
        stop.set()
        await asyncio.wait_for(task, 25)
    assert found["state"] == "succeeded", found
    result: dict[str, Any] = found["result"]
    return result
