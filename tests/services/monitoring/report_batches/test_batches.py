"""Batches of printed reports: asked for, printed as a job, fetched by the one who asked, forgotten in time."""

import hashlib
import io
import uuid
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from services.monitoring.app import SERVICE
from services.monitoring.report_batches.archive import archive_path
from shared.kernel.settings import ServiceSettings
from shared.kernel.sweep import sweep
from shared.terms.actor import Actor
from tests.services.monitoring.factories import make_exam
from tests.services.monitoring.office import Office, open_office, worker
from tests.services.monitoring.results.city import (
    CITY_ADMIN,
    IN_A_PAIR,
    PROVINCE,
    SCHOOLS,
    SMALL,
    at_county,
    at_school,
)
from tests.support.client import running
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
OWN = SCHOOLS["2199000001"]


async def ask(office: Office, who: Actor, **body: Any) -> Any:
    return await office.client.post("/exams/exam/reports:batch", json=body, headers=bearer(who))


async def printed(office: Office, who: Actor, **body: Any) -> dict[str, Any]:
    asked = await ask(office, who, **body)
    assert asked.status_code == 202, asked.text
    async with worker(office.kernel.settings):
        job = await office.finished(asked.headers["location"])
    assert job["state"] == "succeeded", job
    result: dict[str, Any] = job["result"]
    return result


async def names_in(office: Office, who: Actor, batch: str) -> tuple[list[str], zipfile.ZipFile]:
    answer = await office.get(f"/report-batches/{batch}/archive", who)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-sha256"] == hashlib.sha256(answer.content).hexdigest()
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    return archive.namelist(), archive


@pytest.fixture
async def office(monitoring_settings: ServiceSettings) -> Any:
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        await office.publish()
        yield office


async def test_a_countys_archive_from_asking_to_forgetting(office: Office) -> None:
    county = at_county("990001")
    result = await printed(office, county, subjects=["maths"])
    names, archive = await names_in(office, county, result["batch"])
    # The small school's figures are withheld from the county, and with it those of one more school.
    assert f"maths/{OWN.code}.pdf" in names
    assert f"maths/{SMALL.code}.pdf" not in names
    assert all(SCHOOLS[name[6:-4]].county == "990001" for name in names)
    assert result["reports"] == len(names)
    page = "".join(PdfReader(io.BytesIO(archive.read(names[0]))).pages[0].extract_text().split())
    assert "数学学科质量报告" in page
    assert OWN.code in page
    shown = (await office.get(f"/report-batches/{result['batch']}", county)).json()
    assert (shown["report_count"], shown["school_count"], shown["subjects"]) == (len(names), 4, ["maths"])
    for other in (CITY_ADMIN, at_county("990002"), at_county("990001", "county_reviewer"), at_school(OWN)):
        for path in (f"/report-batches/{result['batch']}", f"/report-batches/{result['batch']}/archive"):
            assert (await office.get(path, other)).status_code == 404
    await _forgotten(office, county, result["batch"])


async def _forgotten(office: Office, who: Actor, batch: str) -> None:
    path = archive_path(office.kernel.columns.root, uuid.UUID(batch))
    await sweep(office.kernel, SERVICE.sweeps, SERVICE.named_files)
    assert path.exists()
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("update report_batches set expires_at = now() - interval '1 second'"))
    assert (await sweep(office.kernel, SERVICE.sweeps, SERVICE.named_files))["report_batches"] == 1
    assert (await office.get(f"/report-batches/{batch}/archive", who)).status_code == 404
    assert office.kernel.columns.sweep([], older_than=0) > 0
    assert not path.exists()


async def test_a_school_gets_its_own_in_all_subjects(office: Office) -> None:
    result = await printed(office, at_school(IN_A_PAIR))
    names, _ = await names_in(office, at_school(IN_A_PAIR), result["batch"])
    assert names == [f"{subject}/{IN_A_PAIR.code}.pdf" for subject in ("chinese", "maths")]


async def test_what_is_withdrawn_is_not_fetched(office: Office) -> None:
    result = await printed(office, at_school(OWN), subjects=["maths"])
    withdrawn = await office.post("withdraw", {"reason": "成绩有误，撤回后更正"})
    assert withdrawn.status_code == 201
    refused = await office.get(f"/report-batches/{result['batch']}/archive", at_school(OWN))
    assert refused.json()["code"] == "results.withdrawn"


async def test_who_may_ask_and_for_what(office: Office) -> None:
    for who in (PROVINCE, at_school(OWN, "teacher"), at_school(OWN, "school_operator"), actor("student", OWN.path)):
        assert (await ask(office, who)).status_code == 403
    other = SCHOOLS["2199000002"].code
    assert (await ask(office, at_school(OWN), school_codes=[other])).status_code == 404
    assert (await ask(office, at_county("990002"), school_codes=[other])).status_code == 404
    assert (await ask(office, CITY_ADMIN, subjects=["entry"])).status_code == 404
    assert (await ask(office, CITY_ADMIN, level="city")).status_code == 422
    waiting = await ask(office, at_school(OWN), subjects=["maths"])
    job = await office.job(waiting.headers["location"])
    async with office.kernel.database.transaction("") as session:
        batch = (await session.execute(text("select id from report_batches"))).scalar_one()
    assert job["state"] == "queued"
    unfinished = await office.get(f"/report-batches/{batch}/archive", at_school(OWN))
    assert (unfinished.status_code, unfinished.json()["code"]) == (409, "report.batch_unfinished")


async def test_no_batch_before_publication(monitoring_settings: ServiceSettings) -> None:
    async with running(SERVICE, monitoring_settings) as (_, client):
        answer = await client.post("/exams/exam/reports:batch", json={}, headers=bearer(CITY_ADMIN))
        assert answer.status_code == 404
