"""A small city for the tests of services: two counties, six schools, and their people's requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from shared.contracts.roster import School
from shared.kernel.app import Service
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor, Role
from shared.terms.organization import county_path, school_path
from tests.support.client import running
from tests.support.settings import actor, bearer

CITY = "99/9900/"
COUNTIES = ("990001", "990002")
SCHOOLS = {f"219900000{n}": COUNTIES[n % 2] for n in range(1, 7)}
SCHOOL = "2199000001"
COUNTY = SCHOOLS[SCHOOL]

CITY_ADMIN = actor(Role.CITY_ADMIN, CITY)
CITY_COLLEAGUE = actor(Role.CITY_ADMIN, CITY, subject="colleague")
PROVINCE = actor(Role.PROVINCE_READER, "99/")


def county_admin(county: str = COUNTY) -> Actor:
    """The administrator of a county."""
    return actor(Role.COUNTY_ADMIN, county_path(county))


def of_school(role: Role = Role.SCHOOL_ADMIN, school: str = SCHOOL, **more: Any) -> Actor:
    """Somebody of a school."""
    return actor(role, school_path(SCHOOLS[school], school), **more)


def roster_schools() -> list[School]:
    """The schools as the roster has them."""
    return [School(code, f"第{code[-1]}学校", county, "342", ("senior",)) for code, county in SCHOOLS.items()]


class World:
    """A running service, asked by its people."""

    def __init__(self, client: httpx.AsyncClient, settings: ServiceSettings) -> None:
        self.client = client
        self.settings = settings

    async def ask(
        self, method: str, path: str, who: Actor = CITY_ADMIN, body: Any = None, *, match: Any = None, **options: Any
    ) -> httpx.Response:
        """One request; ``match`` is the version for If-Match, or an answer whose ETag is meant."""
        headers = bearer(who) | options.pop("headers", {})
        if match is not None:
            headers["If-Match"] = match.headers["etag"] if isinstance(match, httpx.Response) else f'"{match}"'
        if body is not None:
            options["json"] = body
        return await self.client.request(method, path, headers=headers, **options)

    async def get(self, path: str, who: Actor = CITY_ADMIN, **options: Any) -> httpx.Response:
        """Reads."""
        return await self.ask("GET", path, who, **options)

    async def put(self, path: str, body: Any, who: Actor = CITY_ADMIN, **options: Any) -> httpx.Response:
        """Writes."""
        return await self.ask("PUT", path, who, body, **options)

    async def post(self, path: str, body: Any = None, who: Actor = CITY_ADMIN, **options: Any) -> httpx.Response:
        """Takes a step."""
        return await self.ask("POST", path, who, {} if body is None else body, **options)


@asynccontextmanager
async def open_world(service: Service, settings: ServiceSettings) -> AsyncIterator[World]:
    """The service on a database of its own."""
    async with running(service, settings) as (_, client):
        yield World(client, settings)


def code_of(answer: httpx.Response) -> str:
    """The problem an answer tells, or its status."""
    document: dict[str, Any] = answer.json() if answer.content else {}
    return str(document.get("code", answer.status_code))
