"""A running sample service and its people: two schools of one county, the county, the city."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from shared.kernel import clock
from shared.kernel.app import open_kernel
from shared.kernel.context import Kernel
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor
from tests.kits.sample.service import SERVICE
from tests.support import settings
from tests.support.client import running
from tests.support.settings import actor, bearer

CITY, COUNTY = "99/9900/", "99/9900/990001/"


class Office:
    """Requests to the sample service."""

    school = actor("school_admin", f"{COUNTY}2199000001/")
    colleague = actor("school_operator", f"{COUNTY}2199000001/")
    other_school = actor("school_admin", f"{COUNTY}2199000002/")
    county = actor("county_admin", COUNTY)
    city = actor("city_admin", CITY)

    def __init__(self, kernel: Kernel, client: httpx.AsyncClient) -> None:
        self.kernel = kernel
        self.client = client

    async def report(self, code: str, who: Actor, **changes: Any) -> None:
        """Makes a report of somebody's organization."""
        answer = await self.post("/reports", who, {"code": code, "org_path": who.org, **changes})
        assert answer.status_code == 201, answer.text

    async def get(self, path: str, who: Actor, **options: Any) -> httpx.Response:
        """Reads an address."""
        headers = bearer(who) | options.pop("headers", {})
        return await self.client.get(path, headers=headers, **options)

    async def post(self, path: str, who: Actor, body: Any = None, **options: Any) -> httpx.Response:
        """Posts a JSON body."""
        headers = bearer(who) | options.pop("headers", {})
        return await self.client.post(path, json=body, headers=headers, **options)

    async def attach(
        self, content: bytes, who: Actor | None = None, *, report: str = "one", name: str = "材料.pdf", **options: Any
    ) -> httpx.Response:
        """Attaches a file as a raw body."""
        disposition = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        headers = bearer(who or self.school) | disposition | options.pop("headers", {})
        return await self.client.post(f"/reports/{report}/evidence", content=content, headers=headers, **options)

    async def post_form(self, path: str, who: Actor, **form: Any) -> httpx.Response:
        """Posts a form with files."""
        return await self.client.post(path, headers=bearer(who), **form)

    async def put(self, path: str, who: Actor, body: Any) -> httpx.Response:
        """Puts a JSON body."""
        return await self.client.put(path, json=body, headers=bearer(who))

    async def audited(self, action: str) -> list[dict[str, Any]]:
        """Audit records of an action."""
        query = text("select payload::jsonb p from audit_log where payload::jsonb ->> 'action' = :action order by seq")
        async with self.kernel.database.transaction("") as session:
            return [row.p for row in await session.execute(query, {"action": action})]


class Time:
    """The clock of a test: stands at a moment, is moved on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: dt.datetime) -> None:
        self.at = at
        # Tokens are verified by the machine's own time, and are signed by it too.
        monkeypatch.setattr(settings, "clock", SimpleNamespace(now=clock.now))
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def move(self, **span: float) -> None:
        """Moves it on."""
        self.at += dt.timedelta(**span)


@asynccontextmanager
async def open_office(chosen: ServiceSettings) -> AsyncIterator[Office]:
    """An office on a database."""
    kernel = open_kernel(SERVICE, chosen)
    try:
        async with running(SERVICE, chosen) as (_, client):
            yield Office(kernel, client)
    finally:
        await kernel.database.close()
