"""A school objects to its published figures: a ruling may have it send its sheet again, and then alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from services.monitoring.app import SERVICE
from shared.kernel.settings import ServiceSettings
from shared.kernel.sweep import sweep
from shared.terms.actor import Actor
from tests.kits.evidence.files import PDF
from tests.services.monitoring.factories import SchoolOfTest, make_exam
from tests.services.monitoring.office import CITY_ADMIN, Office, open_office
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
SCHOOLS = {code: SchoolOfTest(code, "990001", 14) for code in ("2199000001", "2199000002")}
A = actor("school_admin", SCHOOLS["2199000001"].path)
B = actor("school_admin", SCHOOLS["2199000002"].path)
COUNTY = actor("county_admin", "99/9900/990001/")
GROUNDS = {"grounds": "三年级一个班的数学成绩录入串行", "points": ["maths:mean"], "asks_for": "重新报送成绩表"}
WORDS = {"body": "已核对原始答卷"}
ORDER = {"outcome": "upheld", "effect": {"correct_within_working_days": 3}}


@pytest.fixture
async def office(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    """Published results of two schools."""
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        await office.publish()
        yield office


async def post(office: Office, path: str, who: Actor, body: Any) -> Any:
    return await office.client.post(f"/exams/exam/objections{path}", json=body, headers=bearer(who))


async def raised(office: Office, who: Actor = A) -> str:
    """Raises an objection and has it admitted by the county; returns its place."""
    answer = await post(office, "", who, GROUNDS)
    assert answer.status_code == 201, answer.text
    place = f"/{answer.json()['id']}"
    assert (await post(office, f"{place}:accept", COUNTY, WORDS)).status_code == 200
    return place


async def test_an_objection_upheld_has_the_school_alone_send_its_sheet_again(office: Office) -> None:
    place = await raised(office)
    refused = await post(office, f"{place}:rule", COUNTY, WORDS | ORDER)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.forbidden")
    ruled = await post(office, f"{place}:rule", CITY_ADMIN, WORDS | ORDER)
    assert ruled.status_code == 200, ruled.text
    applied = ruled.json()["applied"]
    assert (applied["school_code"], applied["exam_state"]) == ("2199000001", "checking")
    async with office.kernel.database.transaction("") as session:
        rows = await session.execute(text("select school_code, resend_until from exam_participants"))
        until = {row.school_code: row.resend_until for row in rows}
    assert until["2199000001"] == dt.datetime.fromisoformat(applied["resend_until"])
    assert until["2199000002"] is None
    # The version in force stays readable meanwhile.
    assert (await office.get("/results")).json()["in_force"] == "1.0.0"
    # A second school's objection, upheld while the exam is checked again, joins it.
    second = await raised(office, B)
    joined = await post(office, f"{second}:rule", CITY_ADMIN, WORDS | ORDER)
    assert joined.json()["applied"]["exam_state"] == "checking", joined.text


async def test_a_school_sees_and_objects_to_its_own_alone(office: Office) -> None:
    place = await raised(office)
    address = f"/exams/exam/objections{place}"
    assert (await office.client.get(address, headers=bearer(B))).status_code == 404
    listed = await office.client.get("/exams/exam/objections", headers=bearer(B))
    assert listed.json()["items"] == []
    assert len((await office.client.get("/exams/exam/objections", headers=bearer(COUNTY))).json()["items"]) == 1
    assert (await post(office, "", COUNTY, GROUNDS)).status_code == 403
    stranger = actor("school_admin", "99/9900/990001/2199000099/")
    assert (await post(office, "", stranger, GROUNDS)).status_code == 404
    assert (await post(office, "", A, GROUNDS)).json()["code"] == "appeal.already_open"


async def test_files_go_with_it_until_it_is_over(office: Office) -> None:
    place = await raised(office)
    address = f"/exams/exam/objections{place}/evidence"
    named = {"Content-Disposition": "attachment; filename=sheet.pdf"}
    sent = await office.client.post(address, content=PDF, headers=bearer(A) | named)
    assert sent.status_code == 201, sent.text
    content = f"{address}/{sent.json()['id']}/content"
    assert (await office.client.get(content, headers=bearer(COUNTY))).content == PDF
    assert (await office.client.get(content, headers=bearer(B))).status_code == 404
    assert (await office.client.post(address, content=PDF, headers=bearer(B) | named)).status_code == 404
    assert (await post(office, f"{place}:withdraw", A, WORDS)).status_code == 200
    late = await office.client.post(address, content=PDF + b"x", headers=bearer(A) | named)
    assert late.json()["code"] == "appeal.over"
    assert {"evidence_files", "objections_lapsed"} <= set(await sweep(office.kernel, SERVICE.sweeps, None))


async def test_what_a_ruling_may_order_is_checked_and_nothing_is_half_done(office: Office) -> None:
    place = await raised(office)
    for effect in ({}, {"correct_within_working_days": 0}, {"score": 60}):
        answer = await post(office, f"{place}:rule", CITY_ADMIN, WORDS | ORDER | {"effect": effect})
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid"), answer.text
        assert answer.json()["errors"][0]["pointer"].startswith("/effect/")
    still = (await office.client.get(f"/exams/exam/objections{place}", headers=bearer(A))).json()
    assert (still["state"], still["outcome"]) == ("accepted", None)
    assert (await office.get("")).json()["state"] == "published"


async def test_one_objects_in_time_or_not_at_all(office: Office) -> None:
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("update result_sets set published_at = now() - interval '40 days'"))
    late = await post(office, "", A, GROUNDS)
    assert (late.status_code, late.json()["code"]) == (409, "objection.too_late")


async def test_nothing_unpublished_is_objected_to(monitoring_settings: ServiceSettings) -> None:
    async with open_office(monitoring_settings) as office:
        await make_exam(office.kernel, SCHOOLS)
        early = await post(office, "", A, GROUNDS)
        assert early.json()["code"] == "results.not_published"
