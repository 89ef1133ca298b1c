"""The people who analyze, publish and read in the tests: requests to a running service, and a worker beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from services.monitoring.app import SERVICE
from shared.kernel.app import open_kernel
from shared.kernel.command import run_until_stopped
from shared.kernel.context import Kernel
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor
from tests.services.monitoring.factories import CITY, SchoolOfTest, put_sheet, set_state, sheet_frame
from tests.support.client import running
from tests.support.settings import actor, bearer

CITY_ADMIN = actor("city_admin", CITY)


class Office:
    """A running service and its database, seen from inside and outside."""

    def __init__(self, kernel: Kernel, client: httpx.AsyncClient) -> None:
        self.kernel = kernel
        self.client = client

    async def get(self, path: str, who: Actor = CITY_ADMIN, **options: Any) -> httpx.Response:
        """Reads an address below the exam ``exam``."""
        headers = bearer(who) | options.pop("headers", {})
        return await self.client.get(f"/exams/exam{path}", headers=headers, **options)

    async def post(
        self, action: str, body: Any = None, who: Actor = CITY_ADMIN, *, exam: str = "exam"
    ) -> httpx.Response:
        """Asks for a step of an exam's life."""
        return await self.client.post(f"/exams/{exam}:{action}", json=body, headers=bearer(who))

    async def job(self, location: str) -> dict[str, Any]:
        """Reads a job."""
        answer = await self.client.get(f"http://service{location}", headers=bearer(CITY_ADMIN))
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    async def finished(self, location: str, seconds: float = 30) -> dict[str, Any]:
        """Waits for a job to end."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = await self.job(location)
            if job["finished_at"]:
                return job
            await asyncio.sleep(0.05)
        raise TimeoutError(location)

    async def analyze(self) -> dict[str, Any]:
        """Analyzes with a worker of this process; returns the analysis."""
        asked = await self.post("analyze")
        assert asked.status_code == 202, asked.text
        async with worker(self.kernel.settings):
            job = await self.finished(asked.headers["location"])
        assert job["state"] == "succeeded", job
        analysis: dict[str, Any] = (await self.get(f"/analyses/{job['result']['analysis']}")).json()
        return analysis

    async def publish(self) -> dict[str, Any]:
        """Analyzes and publishes; returns the result set."""
        await self.analyze()
        published = await self.post("publish", {})
        assert published.status_code == 201, published.text
        document: dict[str, Any] = published.json()
        return document

    async def correct(self, *schools: SchoolOfTest, seed: int = 3) -> dict[str, Any]:
        """Takes other sheets of some schools and publishes again; returns the result set."""
        assert (await self.post("reopen", {"reason": "成绩录入有误，重新报送"})).status_code == 200
        for school in schools:
            await put_sheet(self.kernel, school, sheet_frame(school, seed=seed))
        await set_state(self.kernel, "sealed")
        return await self.publish()


@asynccontextmanager
async def open_office(settings: ServiceSettings) -> AsyncIterator[Office]:
    """An office on a database."""
    kernel = open_kernel(SERVICE, settings)
    try:
        async with running(SERVICE, settings) as (_, client):
            yield Office(kernel, client)
    finally:
        await kernel.database.close()


@asynccontextmanager
async def worker(settings: ServiceSettings) -> AsyncIterator[None]:
    """A worker in this process."""
    stop = asyncio.Event()
    task = asyncio.create_task(run_until_stopped(SERVICE, settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 25)
