"""A sample from its design to its draw, as the city's research office asks for it."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import Any

import httpx
from sqlalchemy import text

from services.monitoring.app import ROUTERS, SERVICE
from services.monitoring.results.catalog import BY_ADDRESS
from services.monitoring.samples.service.stored import get_pupils
from shared.kernel.app import open_kernel
from shared.kernel.personal import person_key
from shared.kernel.store.columnar import ColumnarStore
from tests.services.monitoring.world import Row, World

SEED = 20261125
DESIGN: dict[str, Any] = {"strata": ["county"], "schools": 4, "take": 5, "replacements": 2}
DRAWN: dict[str, Any] = {"sampling": "drawn", "participants": None, "sample": None}


async def put_design(world: World, *, exam: str = "mock", headers: Any = None, **changes: Any) -> httpx.Response:
    """Sends a design."""
    body = {**DESIGN, **changes}
    return await world.client.put(f"/exams/{exam}/sample-design", json=body, headers=headers or world.as_city())


async def post(
    world: World, action: str, body: Any = None, *, exam: str = "mock", headers: Any = None
) -> httpx.Response:
    """Takes a step of the sample."""
    return await world.client.post(f"/exams/{exam}/sample:{action}", json=body, headers=headers or world.as_city())


async def get(world: World, path: str, *, exam: str = "mock", headers: Any = None, **params: Any) -> httpx.Response:
    """Reads an address below the exam."""
    return await world.client.get(f"/exams/{exam}/{path}", headers=headers or world.as_city(), params=params)


async def close_frame(
    world: World, *, exam: str = "mock", body: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """Registers an exam, designs its sample and closes the frame; the sample."""
    assert (await world.put_exam(exam, **DRAWN, **(body or {}))).status_code == 201
    designed = await put_design(world, exam=exam, **changes)
    assert designed.status_code == 201, designed.text
    await world.run_job(await post(world, "close-frame", exam=exam))
    sample: dict[str, Any] = (await get(world, "sample", exam=exam)).json()
    return sample


async def draw(world: World, *, exam: str = "mock", seed: int = SEED, **changes: Any) -> dict[str, Any]:
    """As :func:`close_frame`, and draws; the sample."""
    await close_frame(world, exam=exam, **changes)
    drawn = await post(world, "draw", {"seed": seed, "witnessed_by": "市教育局督导室"}, exam=exam)
    assert drawn.status_code == 201, drawn.text
    sample: dict[str, Any] = drawn.json()
    return sample


async def schools(world: World, *, exam: str = "mock") -> list[dict[str, Any]]:
    """Schools of the draw."""
    items: list[dict[str, Any]] = (await get(world, "sample/schools", exam=exam)).json()["items"]
    return items


async def open_drawn(world: World, **body: Any) -> list[str]:
    """Draws and opens the collection of an exam; codes of the schools that take part."""
    await draw(world, body=body)
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    return [school["school_code"] for school in await schools(world) if school["is_active"]]


async def job_ended(world: World, job_id: str) -> dict[str, Any]:
    """Waits for a job to end, well or badly."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        job: dict[str, Any] = (await world.client.get(f"/jobs/{job_id}", headers=world.as_city())).json()
        if job["finished_at"]:
            return job
        await asyncio.sleep(0.05)
    raise TimeoutError(job_id)


async def execute(world: World, statement: str, **values: Any) -> list[Any]:
    """Runs a statement as the service itself; its first column."""
    kernel = open_kernel(SERVICE, world.settings)
    try:
        async with kernel.database.transaction("") as session:
            found = await session.execute(text(statement), values)
            return [row[0] for row in found] if found.returns_rows else []
    finally:
        await kernel.database.close()


async def audit(world: World, action: str) -> list[dict[str, Any]]:
    """Audit notes of one action, in order."""
    statement = "select payload::jsonb from audit_log where action = :action order by seq"
    return await execute(world, statement, action=action)


async def drawn_keys(world: World, school: str) -> set[str]:
    """Pseudonyms of a school's drawn pupils."""
    sample = (await get(world, "sample")).json()
    pupils = get_pupils(ColumnarStore(str(world.settings.store_url)), sample["draw"]["pupils_sha256"]).pupils
    return set(pupils.filter(pupils["school_code"] == school)["student_id"])


async def drawn_rows(world: World, school: str) -> list[Row]:
    """Sound rows of a school's drawn pupils."""
    keys, key = await drawn_keys(world, school), world.settings.key("person_key")
    return [row for row in world.rows(school) if person_key(row["student_id"], key) in keys]


def addresses(*schools: str, exam: str = "mock") -> list[str]:
    """Every address of the service that can be read; those that name a school, once for each of these."""
    values = {"code": [exam], "table": list(BY_ADDRESS), "subject": ["maths"], "number": ["1"], "version": ["1.0.0"]}
    found: set[str] = set()
    for route in (route for router in ROUTERS for route in router.routes if "GET" in route.methods):  # type: ignore[attr-defined]
        names = list(route.param_convertors)  # type: ignore[attr-defined]
        choices = [list(schools) if name == "school_code" else values.get(name, ["x"]) for name in names]
        for chosen in itertools.product(*choices):
            found.add(route.path.format(**dict(zip(names, chosen, strict=True))))  # type: ignore[attr-defined]
    return sorted(found)
