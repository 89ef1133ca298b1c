"""What the tests of audits do over and over."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import httpx

from shared.terms.actor import Actor, Role
from shared.terms.organization import county_path
from tests.services.student_eval.archives.senior import HEAD, YEAR, Senior
from tests.support.city import COUNTY, SCHOOL
from tests.support.settings import actor

TERM = f"{YEAR}-1"
AUDIT = f"/archive-audits/{COUNTY}-{SCHOOL}/{TERM}"
REVIEWER = actor(Role.COUNTY_REVIEWER, county_path(COUNTY), subject="reviewer")
SEED = "彩票开奖 2026-11-25 07 11 23 31"
SAMPLE: dict[str, Any] = {
    "code": "autumn",
    "term": TERM,
    "seed_commitment": hashlib.sha256(f"{TERM}:{SEED}".encode()).hexdigest(),
    "flagged_rate": 1,
    "other_rate": 0.5,
}
DRAW = {"seed": SEED, "witnessed_by": "县纪检组、家长代表"}
DRAWN = f"/archive-samples/{COUNTY}/autumn"
COPIED = "周末在社区图书室整理图书，把散落的绘本按编号放回书架，还给低年级同学讲了两个故事。"


async def run_job(senior: Senior, accepted: httpx.Response, who: Actor = HEAD) -> dict[str, Any]:
    """Waits for the job of a 202 answer."""
    assert accepted.status_code == 202, accepted.text
    deadline = time.monotonic() + 10
    address = f"http://service{accepted.headers['location']}"
    while time.monotonic() < deadline:
        job: dict[str, Any] = (await senior.world.get(address, who)).json()
        if job["finished_at"]:
            return job
        await asyncio.sleep(0.03)
    raise TimeoutError(address)


async def audited(senior: Senior) -> dict[str, Any]:
    """Runs an audit; returns its result."""
    job = await run_job(senior, await senior.world.post(f"{AUDIT}:run", who=HEAD))
    assert job["state"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result


async def findings(senior: Senior, **params: str) -> list[dict[str, Any]]:
    """Findings as the school reads them."""
    answer = await senior.world.get(f"{AUDIT}/findings", HEAD, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def announced_and_closed(senior: Senior) -> httpx.Response:
    """Announces the county's sample and closes its frame."""
    announced = await senior.world.post("/archive-samples", SAMPLE, REVIEWER)
    assert announced.status_code == 201, announced.text
    closing = await senior.world.post(f"{DRAWN}:close-frame", who=REVIEWER, match=announced)
    assert (await run_job(senior, closing, REVIEWER))["state"] == "succeeded"
    return await senior.world.get(DRAWN, REVIEWER)


async def drawn(senior: Senior) -> list[dict[str, Any]]:
    """Draws the county's sample; returns its records as the county sees them."""
    closed = await announced_and_closed(senior)
    made = await senior.world.post(f"{DRAWN}:draw", DRAW, REVIEWER, match=closed)
    assert made.status_code == 200, made.text
    rows: list[dict[str, Any]] = (await senior.world.get(f"{DRAWN}/records", REVIEWER)).json()["items"]
    return rows
