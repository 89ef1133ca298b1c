"""Another school's token, over every route of the service: nothing of the first school is read, listed or written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from services.roster.app import SERVICE
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.permissions import PublicRoute, RequiredPermission
from shared.kernel.web.route import declared_permission
from tests.services.roster.senders import (
    PATH_A,
    PATH_B,
    SCHOOL_A,
    SCHOOL_B,
    YEAR,
    Sender,
    enrollment,
    member,
    pupil,
    school,
)
from tests.support.client import running

pytestmark = pytest.mark.anyio
ROWS: dict[str, dict[str, Any]] = {
    "schools": {"school_code": SCHOOL_A, **school()},
    "classes": {"school_code": SCHOOL_A, "school_year": YEAR, "class_code": "c9", "name": "x", "grade_level": 6},
    "students": pupil(1, name="王改名"),
    "staff": member(1, name="王改名"),
    "enrollments": enrollment(1, status="left", left_on="2026-10-01"),
    "teaching-assignments": {
        "citizen_number": member(1)["citizen_number"],
        "school_year": YEAR,
        "school_code": SCHOOL_A,
        "class_code": "c1",
        "subject": "14",
    },
}
COLLECTED = tuple(f"/{name}" for name in ROWS)
#: What some exports must be asked for.
ASKED: dict[str, dict[str, str]] = {
    "/enrollments:export": {"school_year": YEAR},
    "/teaching-assignments:export": {"school_year": YEAR},
    "/students:ages": {"school_code": SCHOOL_A, "on": "2026-11-25", "format": "ndjson"},
}


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, APIRoute]]:
    """(method, path below the prefix, route) of every API route."""
    for context in iter_route_contexts(app.routes):
        route = context.route
        path = getattr(context, "path", None) or route.path
        if isinstance(route, APIRoute) and path.startswith(SERVICE.prefix):
            for method in sorted(route.methods):
                yield method, path.removeprefix(SERVICE.prefix), route


async def fill(city: Sender) -> dict[str, str]:
    """Makes something of every kind at school A; returns the path parameters that name it."""
    students = await city.batch("students", [pupil(1), pupil(2)])
    staff = await city.batch("staff", [member(1)])
    assert (await city.batch("enrollments", [enrollment(1), enrollment(2)])).status_code == 207
    assert (await city.batch("teaching-assignments", [{**ROWS["teaching-assignments"], "subject": "13"}])).is_success
    school_a = Sender(city.client, "school_operator", PATH_A)
    faulty = await school_a.upload(
        "students", b"student_number,name,sex,school_code\nG1,x,1,2199000001\n", dry_run=True
    )
    classes = [f"{SCHOOL_A},{YEAR},k{number},n,6" for number in range(1_001)]
    many = "\n".join(["school_code,school_year,class_code,name,grade_level", *classes])
    job = await school_a.upload("classes", many.encode())
    assert job.status_code == 202, job.text
    return {
        "school_code": SCHOOL_A,
        "school_year": YEAR,
        "class_code": "c1",
        "student_key": students.json()["items"][0]["key"]["student_key"],
        "staff_key": staff.json()["items"][0]["key"]["staff_key"],
        "import_id": faulty.json()["import_id"],
        "job_id": job.json()["job_id"],
    }


async def seen_by_city(city: Sender) -> list[str]:
    """Everything school A has, as the city sees it."""
    return [(await city.get(path)).text for path in COLLECTED]


@pytest.mark.parametrize("role", ["school_operator", "school_admin", "integration"])
async def test_another_schools_token_reaches_nothing(roster_settings: ServiceSettings, role: str) -> None:
    async with running(SERVICE, roster_settings) as (app, client):
        city = await _city(client)
        named = await fill(city)
        other = Sender(client, role, PATH_B)
        before = await seen_by_city(city)
        walked = []
        for method, path, route in routes_of(app):
            if isinstance(declared_permission(route.dependant), PublicRoute):
                continue
            await _refused(other, method, path, named)
            walked.append((method, path))
        assert await seen_by_city(city) == before
        documented = [
            (method.upper(), path)
            for path, item in app.openapi()["paths"].items()
            for method, operation in item.items()
            if "x-permission" in operation
        ]
        assert len(walked) == len(documented)


async def _city(client: httpx.AsyncClient) -> Sender:
    city = Sender(client, "city_admin", "99/9900/")
    for code in (SCHOOL_A, SCHOOL_B):
        assert (await city.put_school(code)).status_code == 201
        assert (await city.put_class(code, "c1")).status_code == 201
    return city


async def _refused(other: Sender, method: str, path: str, named: dict[str, str]) -> None:
    where = f"{method} {path}"
    address = re.sub(r"{(\w+)}", lambda match: named[match.group(1)], path)
    if path.endswith((":batch", ":import")):
        collection = path[1:].partition(":")[0]
        row = ROWS[collection]
        if path.endswith(":batch"):
            answer = await other.batch(collection, [row], atomic="row")
        else:
            lines = [",".join(row), ",".join(_cell(value) for value in row.values())]
            answer = await other.upload(collection, "\n".join(lines).encode())
        refused = answer.status_code in (403, 422) or [item["status"] for item in answer.json()["items"]] == ["refused"]
        assert refused, f"{where}: {answer.status_code} {answer.text}"
    elif method == "PUT":
        body = school() if path.startswith("/schools") else {"name": "x", "grade_level": 6}
        answer = await other.put(address, body)
        assert answer.status_code in (403, 404), f"{where}: {answer.status_code} {answer.text}"
    elif "{" in path:
        answer = await other.client.request(method, address, headers=other.headers)
        assert answer.status_code in (403, 404), f"{where}: {answer.status_code} {answer.text}"
    else:
        required = {"format": "ndjson"} if path.endswith(":export") else {}
        asked = required | ASKED.get(path, {})
        answer = await other.client.request(method, address, headers=other.headers, params=asked)
        assert answer.status_code == 200, f"{where}: {answer.status_code} {answer.text}"
        for secret in (SCHOOL_A, named["student_key"], named["staff_key"], named["import_id"]):
            assert secret not in answer.text, where


def _cell(value: Any) -> str:
    return ";".join(value) if isinstance(value, list) else str(value)


async def test_every_route_declares_its_permission(roster_settings: ServiceSettings) -> None:
    async with running(SERVICE, roster_settings) as (app, _):
        routes = list(routes_of(app))
        undeclared = [
            f"{method} {path}"
            for method, path, route in routes
            if not isinstance(declared_permission(route.dependant), RequiredPermission | PublicRoute)
        ]
        assert undeclared == []
        assert len(routes) == sum(len(item) for item in app.openapi()["paths"].values())
        public = {path for _, path, route in routes if isinstance(declared_permission(route.dependant), PublicRoute)}
        assert public == {"/regions", "/regions/{code}", "/code-lists", "/code-lists/{name}"}


async def test_a_foreign_school_in_an_exports_filter_does_not_exist(city: Sender) -> None:
    other = Sender(city.client, "school_operator", PATH_B)
    answer = await other.get("/enrollments:export", school_year=YEAR, school_codes=f"{SCHOOL_A},{SCHOOL_B}")
    assert (answer.status_code, answer.json()["code"]) == (404, "resource.not_found")


@pytest.mark.parametrize("role", ["teacher", "student", "guardian", "province_reader", "inspector"])
async def test_roles_that_have_no_business_with_pupils(city: Sender, role: str) -> None:
    reader = Sender(city.client, role, PATH_A)
    for path in ("/students", "/staff", "/enrollments", "/changes", "/imports"):
        assert (await reader.get(path)).status_code == 403, path


async def test_a_school_writes_its_own_but_makes_no_schools(city: Sender) -> None:
    own = Sender(city.client, "school_operator", PATH_A)
    assert (await own.put_class(SCHOOL_A, "c2")).status_code == 201
    assert (await own.batch("students", [pupil(1)])).status_code == 207
    assert (await own.batch("enrollments", [enrollment(1)])).status_code == 207
    assert (await own.put_school(SCHOOL_A)).status_code == 403
    assert (await own.batch("staff", [member(1)])).status_code == 403


async def test_a_county_keeps_to_its_county(city: Sender) -> None:
    county = Sender(city.client, "county_admin", "52/5205/520502/")
    assert (await county.put_school("2152000001", county_code="520502")).status_code == 201
    foreign = await county.put_school("2152000002", county_code="520521")
    assert [fault["code"] for fault in foreign.json()["errors"]] == ["roster.county_unknown"]
    neighbor = Sender(city.client, "county_admin", "52/5205/520521/")
    taken = await neighbor.put_school("2152000001", county_code="520521")
    assert taken.status_code == 404
