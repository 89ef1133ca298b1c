"""Asking for an analysis: inputs frozen with the question, no work done twice, the same bytes every time."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator

import polars as pl
import pytest
from sqlalchemy import select, text

from services.monitoring.analyses.tables import Analysis
from services.monitoring.results.table_files import TableFiles
from shared.kernel.settings import ServiceSettings
from tests.services.monitoring.factories import CITY, SchoolOfTest, make_exam, put_sheet, set_state, sheet_frame
from tests.services.monitoring.office import CITY_ADMIN, Office, open_office, worker
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
SCHOOLS = {
    code: SchoolOfTest(code, county, size)
    for code, county, size in (
        ("2199000001", "990001", 40),
        ("2199000002", "990001", 30),
        ("2199000003", "990002", 25),
        ("2199000004", "990002", 20),
    )
}


@pytest.fixture
async def office(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        yield office


async def test_the_question_freezes_the_inputs(office: Office) -> None:
    asked = await office.post("analyze")
    assert asked.status_code == 202, asked.text
    assert asked.headers["location"] == f"/api/v1/monitoring/jobs/{asked.json()['id']}"
    [listed] = (await office.get("/analyses")).json()["items"]
    assert (listed["number"], listed["state"], listed["schools"], listed["rows"]) == (1, "queued", 4, 115)
    detail = (await office.get("/analyses/1")).json()
    assert detail["inputs"]["roster_sha256"] == "0" * 64
    assert [sheet["school_code"] for sheet in detail["inputs"]["sheets"]] == sorted(SCHOOLS)
    for sheet in detail["inputs"]["sheets"]:
        assert office.kernel.columns.is_sound(sheet["sha256"])


async def test_the_same_inputs_are_not_analyzed_twice(office: Office) -> None:
    first = await office.post("analyze")
    again = await office.post("analyze")
    assert again.headers["location"] == first.headers["location"]
    async with worker(office.kernel.settings):
        await office.finished(first.headers["location"])
    finished = await office.post("analyze")
    assert finished.headers["location"] == first.headers["location"]
    # Reopened and sealed without a change: the figures are there, only the state has to follow.
    await set_state(office.kernel, "sealed")
    assert (await office.post("analyze")).headers["location"] == first.headers["location"]
    assert (await office.get("")).json()["state"] == "analyzed"
    school = SCHOOLS["2199000001"]
    await put_sheet(office.kernel, school, sheet_frame(school, seed=1))
    changed = await office.post("analyze")
    assert changed.headers["location"] != first.headers["location"]
    assert [entry["number"] for entry in (await office.get("/analyses")).json()["items"]] == [1, 2]


async def test_a_failed_run_can_be_asked_for_again(office: Office) -> None:
    first = await office.post("analyze")
    sheet = (await office.get("/analyses/1")).json()["inputs"]["sheets"][2]["sha256"]
    path = office.kernel.columns.path(sheet)
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + b"\x00")
    async with worker(office.kernel.settings):
        failed = await office.finished(first.headers["location"])
        assert (failed["state"], failed["problem"]["code"]) == ("failed", "analysis.sheet_damaged")
        path.write_bytes(sound)
        second = await office.post("analyze")
        assert (await office.finished(second.headers["location"]))["state"] == "succeeded"
    assert (await office.get("/analyses/2")).json()["state"] == "finished"


@pytest.mark.parametrize("state", ["draft", "collecting", "published", "withdrawn"])
async def test_only_a_sealed_exam_is_analyzed(office: Office, state: str) -> None:
    await set_state(office.kernel, state)
    refused = await office.post("analyze")
    assert (refused.status_code, refused.json()["code"]) == (409, "workflow.not_allowed")


async def test_without_sheets_there_is_nothing_to_analyze(office: Office) -> None:
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("update mark_sheets set superseded_at = now()"))
    refused = await office.post("analyze")
    assert (refused.status_code, refused.json()["code"]) == (409, "analysis.no_sheets")


async def test_only_the_city_asks_and_sees_inputs(office: Office) -> None:
    await office.post("analyze")
    school, county = actor("school_admin", SCHOOLS["2199000001"].path), actor("county_admin", f"{CITY}990001/")
    elsewhere = actor("city_admin", "99/9901/")
    for who in (school, county):
        assert (await office.post("analyze", who=who)).status_code == 403
        assert (await office.get("/analyses", who)).status_code == 403
        assert (await office.get("/analyses/1", who)).status_code == 403
    assert (await office.get("/analyses/1", elsewhere)).status_code == 404
    assert (await office.get("/analyses/2")).status_code == 404


async def test_figures_counts_and_notes_of_a_finished_run(office: Office) -> None:
    asked = await office.post("analyze")
    async with worker(office.kernel.settings):
        job = await office.finished(asked.headers["location"])
    assert job["progress"]["done"] == job["progress"]["total"]
    assert job["progress"]["step"] is None
    analysis = (await office.get("/analyses/1")).json()
    assert (await office.get("")).json()["state"] == "analyzed"
    frames = analysis["frames"]
    assert frames["value_added_schools"]["rows"] == len(SCHOOLS)
    assert frames["standings"]["rows"] == 3 * 115
    for name, frame in frames.items():
        stored = TableFiles.of(frame).get(office.kernel.columns)
        assert stored.height == frame["rows"], name
        assert all(office.kernel.columns.is_sound(part["sha256"]) for part in frame["parts"]), name
        assert {column: str(dtype) for column, dtype in stored.schema.items()} == frame["columns"], name
    sheets = pl.concat([sheet_frame(school) for school in SCHOOLS.values()])
    async with office.kernel.database.transaction("") as session:
        counts = (await session.execute(select(Analysis.counts))).scalar_one()
        actions = list(await session.scalars(text("select action from audit_log order by seq")))
    assert counts is not None
    assert (counts["schools"], counts["candidates"]) == (4, 115)
    assert counts["classes"] == sheets.select("school_code", "class_code").n_unique()
    for status in ("present", "absent", "void"):
        assert counts["statuses"]["maths"][status] == sheets.filter(pl.col("maths__status") == status).height
    assert actions[-3:] == ["analysis.asked", "exam.analyzed", "analysis.finished"]
    assert analysis["software"].keys() == {"numpy", "polars", "scipy"}


async def test_inputs_changed_meanwhile_void_the_run(office: Office) -> None:
    asked = await office.post("analyze")
    school = SCHOOLS["2199000004"]
    await put_sheet(office.kernel, school, sheet_frame(school, seed=5))
    async with worker(office.kernel.settings):
        job = await office.finished(asked.headers["location"])
    assert (job["state"], job["problem"]["code"]) == ("failed", "analysis.inputs_changed")
    assert (await office.get("")).json()["state"] == "sealed"
    assert (await office.get("/analyses/1")).json()["frames"] is None


async def test_a_cancelled_run_has_no_effect(office: Office) -> None:
    asked = await office.post("analyze")
    url = f"http://service{asked.headers['location']}"
    assert (await office.client.delete(url, headers=bearer(CITY_ADMIN))).status_code == 200
    async with worker(office.kernel.settings):
        assert (await office.finished(asked.headers["location"]))["state"] == "cancelled"
    assert (await office.get("")).json()["state"] == "sealed"
    # Asking again is a new run, for the cancelled one will never finish.
    assert (await office.post("analyze")).headers["location"] != asked.headers["location"]


async def test_the_same_inputs_give_the_same_bytes_in_any_process(office: Office) -> None:
    first = await office.analyze()
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("update analyses set methods = '[]'"))  # as another build would have left it
    second = await office.analyze()
    assert second["number"] == 2
    assert second["frames"] == first["frames"]
    assert elsewhere(office, first, POLARS_MAX_THREADS="1", PYTHONHASHSEED="1") == first["frames"]


def elsewhere(office: Office, analysis: dict[str, object], **environment: str) -> object:
    """The files of the same inputs, computed by another process in the opposite order of sheets."""
    command = [sys.executable, "-m", "tests.services.monitoring.analyses.rerun", str(office.kernel.columns.root)]
    answer = subprocess.run(
        command,
        input=json.dumps(analysis["inputs"]),
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)
