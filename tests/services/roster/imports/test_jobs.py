"""Uploads too large for an answer: accepted, worked off, and readable afterwards."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.roster.app import SERVICE
from shared.kernel.command import run_until_stopped
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import PATH_A, Sender, enrollment, pupil

pytestmark = pytest.mark.anyio
MANY = 1_200


@pytest.fixture
async def worker(roster_settings: ServiceSettings) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(run_until_stopped(SERVICE, roster_settings, stop))
    yield
    stop.set()
    await running


def csv(rows: list[dict[str, object]]) -> bytes:
    return "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]).encode()


async def finished(sender: Sender, job_url: str) -> dict[str, object]:
    url = job_url.removeprefix("/api/v1/roster")
    for _ in range(400):
        job = (await sender.get(url)).json()
        if job["state"] in ("succeeded", "failed"):
            return job  # type: ignore[no-any-return]
        await asyncio.sleep(0.02)
    raise AssertionError("the job did not finish")


async def test_a_school_sends_more_rows_than_fit_an_answer(city: Sender, worker: None) -> None:
    school = Sender(city.client, "school_operator", PATH_A)
    students = await school.upload("students", csv([pupil(serial) for serial in range(MANY)]))
    assert students.status_code == 202
    assert students.headers["location"] == students.json()["job_url"]
    enrollments = await school.batch("enrollments", [enrollment(serial) for serial in range(MANY)])
    assert enrollments.status_code == 202
    for answer in (students, enrollments):
        job = await finished(school, answer.json()["job_url"])
        assert job["state"] == "succeeded", job
        result = (await school.get(f"/imports/{answer.json()['id']}")).json()
        assert (result["state"], result["counts"]["created"], result["error_count"]) == ("applied", MANY, 0)
        assert result["receipt"]["signature"]
    assert len((await school.get("/enrollments", page_size=1_000)).json()["items"]) == 1_000


async def test_a_large_upload_with_a_fault_fails_as_a_whole(city: Sender, worker: None) -> None:
    rows = [pupil(serial) for serial in range(MANY)]
    rows[700]["school_code"] = "2199000009"
    answer = await city.upload("students", csv(rows))
    job = await finished(city, answer.json()["job_url"])
    assert job["state"] == "failed"
    assert job["problem"]["code"] == "import.refused"  # type: ignore[index]
    result = (await city.get(f"/imports/{answer.json()['id']}")).json()
    assert (result["state"], result["error_count"]) == ("refused", 1)
    errors = (await city.get(result["errors_url"].removeprefix("/api/v1/roster"))).text
    assert "702,school_code,,roster.school_unknown" in errors
    assert (await city.get("/students")).json()["items"] == []
    again = await city.upload("students", csv(rows), atomic="row")
    assert (await finished(city, again.json()["job_url"]))["state"] == "succeeded"
    partly = (await city.get(f"/imports/{again.json()['id']}")).json()
    assert (partly["state"], partly["counts"]["created"], partly["counts"]["refused"]) == ("applied", MANY - 1, 1)


async def test_a_job_acts_for_its_sender_only(city: Sender, worker: None) -> None:
    other = Sender(city.client, "school_operator", PATH_A)
    rows = [pupil(serial, "2199000002") for serial in range(MANY)]
    answer = await other.upload("students", csv(rows))
    assert (await finished(other, answer.json()["job_url"]))["state"] == "failed"
    assert (await city.get("/students")).json()["items"] == []
