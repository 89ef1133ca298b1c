"""Jobs: asked for with their data, run at least once, effective once, visible always."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from shared.kernel.app import open_kernel
from shared.kernel.command import run_until_stopped
from shared.kernel.jobs.context import JobContext, SupersededError
from shared.kernel.jobs.queue import enqueue
from shared.kernel.jobs.tables import Job
from shared.kernel.jobs.worker import _claim
from shared.kernel.settings import ServiceSettings
from tests.kernel.sample.service import SERVICE, Note
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
WHO = actor("city_admin", "99/9900/")


@asynccontextmanager
async def worker(settings: ServiceSettings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_until_stopped(SERVICE, settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 25)


async def finished(client: httpx.AsyncClient, job_id: str, seconds: float = 20) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job: dict[str, Any] = (await client.get(f"/jobs/{job_id}", headers=bearer(WHO))).json()
        if job["finished_at"]:
            return job
        await asyncio.sleep(0.05)
    raise TimeoutError(job_id)


async def test_a_job_runs_reports_and_takes_effect(sample: httpx.AsyncClient, sample_settings: ServiceSettings) -> None:
    asked = await sample.post("/notes/count", json={"steps": 3, "seconds": 0.3}, headers=bearer(WHO))
    assert asked.status_code == 202
    async with worker(sample_settings):
        job = await finished(sample, asked.json()["id"])
    assert (job["state"], job["progress"], job["result"]) == (
        "succeeded",
        {"done": 3, "total": 3, "step": None},
        {"attempt": 1},
    )
    assert len((await sample.get("/notes", headers=bearer(actor("city_admin", "99/")))).json()["items"]) == 1


async def test_refusals_and_cancellations_end_a_job(
    sample: httpx.AsyncClient, sample_settings: ServiceSettings
) -> None:
    headers = {**bearer(WHO), "Accept-Language": "en"}
    refused = (await sample.post("/notes/count", json={"refuse": True}, headers=headers)).json()["id"]
    slow = (await sample.post("/notes/count", json={"steps": 100, "seconds": 20}, headers=headers)).json()["id"]
    async with worker(sample_settings):
        assert (await finished(sample, refused))["problem"]["code"] == "resource.conflict"
        await sample.delete(f"/jobs/{slow}", headers=headers)
        assert (await finished(sample, slow))["state"] == "cancelled"
    again = await sample.delete(f"/jobs/{slow}", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "job.not_cancellable")


async def test_a_rolled_back_request_asked_for_nothing(sample_settings: ServiceSettings) -> None:
    kernel = open_kernel(SERVICE, sample_settings)

    async def ask_and_fail() -> None:
        async with kernel.database.transaction("") as session:
            await enqueue(session, WHO, "count", args={}, org_path="99/")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask_and_fail()
    async with kernel.database.transaction("") as session:
        assert (await session.scalars(select(Job))).all() == []
        assert await session.scalar(text("select count(*) from procrastinate_jobs")) == 0
    await kernel.database.close()


async def test_the_work_of_a_superseded_run_does_not_count(sample_settings: ServiceSettings) -> None:
    kernel = open_kernel(SERVICE, sample_settings)
    async with kernel.database.transaction("") as session:
        job_id = (await enqueue(session, WHO, "count", args={}, org_path="99/")).id
    first = await _claim(kernel, job_id)
    second = await _claim(kernel, job_id)
    assert first is not None
    assert second is not None

    async def finish_first() -> None:
        async with JobContext(kernel, first).final({}) as session:
            session.add(Note(code="first", text="", org_path="99/"))

    with pytest.raises(SupersededError):
        await finish_first()
    async with JobContext(kernel, second).final({}) as session:
        session.add(Note(code="second", text="", org_path="99/"))
    async with kernel.database.transaction("") as session:
        assert list((await session.scalars(select(Note.code))).all()) == ["second"]
    await kernel.database.close()


async def test_a_job_that_keeps_failing_is_parked(sample: httpx.AsyncClient, sample_settings: ServiceSettings) -> None:
    job_id = (await sample.post("/notes/count", json={"crash": True}, headers=bearer(WHO))).json()["id"]
    kernel = open_kernel(SERVICE, sample_settings)
    async with kernel.database.transaction("") as session:
        # Four attempts have gone by, as after four deaths of a worker.
        await session.execute(text("update jobs set attempts = 4"))
    async with worker(sample_settings):
        job = await finished(sample, job_id)
    assert (job["state"], job["problem"]["code"]) == ("failed", "job.attempts_exhausted")
    await kernel.database.close()


async def test_a_killed_workers_job_is_finished_by_another_once(
    sample: httpx.AsyncClient, sample_settings: ServiceSettings
) -> None:
    job_id = (await sample.post("/notes/count", json={"steps": 40, "seconds": 4}, headers=bearer(WHO))).json()["id"]
    environment = {
        **os.environ,
        "SAMPLE_DATABASE_URL": sample_settings.database_url.get_secret_value(),
        "SAMPLE_SECRETS_DIR": str(sample_settings.secrets_dir),
        "SAMPLE_JWKS": sample_settings.jwks,
        "SAMPLE_ISSUER": sample_settings.issuer,
    }
    command = [sys.executable, "-m", "tests.kernel.sample", "worker"]
    first = subprocess.Popen(command, env=environment)
    try:
        deadline = time.monotonic() + 15
        while (await sample.get(f"/jobs/{job_id}", headers=bearer(WHO))).json()["progress"]["done"] < 3:
            assert time.monotonic() < deadline, "the worker did not start"
            await asyncio.sleep(0.05)
        first.send_signal(signal.SIGKILL)
    finally:
        first.kill()
        first.wait()
    async with worker(sample_settings):
        job = await finished(sample, job_id, 40)
    assert (job["state"], job["result"]) == ("succeeded", {"attempt": 2})
    assert len((await sample.get("/notes", headers=bearer(actor("city_admin", "99/")))).json()["items"]) == 1
