"""A school is nominated, cultivated, judged criterion by criterion, recognized, and counted towards the target."""

from typing import Any

import pytest

from tests.support.city import (
    COUNTIES,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    World,
    code_of,
    county_admin,
    of_school,
)

pytestmark = pytest.mark.anyio
PROGRAM = "/cultivation-programs/quality_compulsory"
CANDIDATE = f"{PROGRAM}/candidates/{SCHOOL}"
BODY = {
    "name": {"zh": "优质义务教育学校", "en": "Quality compulsory school"},
    "stages": ["primary", "junior_secondary"],
    "criteria": [
        {"code": "curriculum", "name": {"zh": "课程开齐开足", "en": "Full curriculum"}},
        {"code": "boarding", "name": {"zh": "寄宿条件", "en": "Boarding"}},
    ],
    "document": "优质学校标准（待定）",
    "verified": False,
}
WORDS = {"text": "材料齐全，现场查看属实"}


@pytest.fixture
async def nominated(world: World) -> World:
    assert (await world.put(PROGRAM, BODY)).status_code == 201
    body = {"school_name_zh": "学校1", "text": "县级推荐"}
    made = await world.post(f"{PROGRAM}/candidates/{COUNTY}/{SCHOOL}", body, county_admin())
    assert made.status_code == 201, made.text
    return world


async def step(world: World, address: str, who: Any, **body: Any) -> Any:
    return await world.post(address, WORDS | body, who, match=await world.get(CANDIDATE, who))


async def assess(world: World, criterion: str, verdict: str, who: Any) -> Any:
    body = {"verdict": verdict, **WORDS}
    return await world.put(f"{CANDIDATE}/criteria/{criterion}", body, who, match=await world.get(CANDIDATE, who))


async def test_a_school_comes_to_its_recognition_and_is_counted(nominated: World) -> None:
    plan = "/action-plans/bijie_2023_2028"
    await nominated.post(f"{plan}:adopt")
    target = {"name": BODY["name"], "unit": {"zh": "所", "en": "schools"}, "base_year": 2023, "goal_year": 2028}
    target |= {"goal_value": "500", "counts": "quality_compulsory", "document": "行动计划", "verified": False}
    await nominated.put(f"{plan}/targets/schools", target)
    await step(nominated, f"{CANDIDATE}/decisions/accept", county_admin())
    assert (await assess(nominated, "curriculum", "met", county_admin())).json()["open_criteria"] == ["boarding"]
    await assess(nominated, "boarding", "not_applicable", county_admin())
    applied = await step(nominated, f"{CANDIDATE}:apply", of_school())
    assert applied.json()["state"] == "applied"
    city = await nominated.get(CANDIDATE)
    refused = await nominated.post(f"{CANDIDATE}/decisions/recognize", WORDS, match=city)
    assert code_of(refused) == "cultivation.document_missing"
    granted = WORDS | {"document": "毕教认定〔2026〕3号", "on": "2026-03-01"}
    recognized = await nominated.post(f"{CANDIDATE}/decisions/recognize", granted, match=city)
    assert (recognized.json()["state"], recognized.json()["recognized_on"]) == ("recognized", "2026-03-01")
    observed = (await nominated.get(f"{plan}/targets/schools")).json()["observed"]
    assert [(point["year"], point["value"]) for point in observed] == [(2023, 0), (2024, 0), (2025, 0), (2026, 1)]
    revoked = await step(nominated, f"{CANDIDATE}/decisions/revoke", county_admin())
    assert revoked.json()["state"] == "revoked"
    assert [entry["action"] for entry in revoked.json()["entries"]] == [
        "nominate", "accept", "assess", "assess", "apply", "recognize", "revoke",
    ]  # fmt: skip


async def test_a_schools_own_word_does_not_recognize_it(nominated: World) -> None:
    await step(nominated, f"{CANDIDATE}/decisions/accept", county_admin())
    for criterion in ("curriculum", "boarding"):
        await assess(nominated, criterion, "met", of_school())
    await step(nominated, f"{CANDIDATE}:apply", of_school())
    refused = await step(nominated, f"{CANDIDATE}/decisions/recognize", county_admin(), document="文号一")
    assert code_of(refused) == "cultivation.criteria_open"
    assert "curriculum, boarding" in refused.json()["detail"]
    assert code_of(await step(nominated, f"{CANDIDATE}/decisions/return", of_school())) == "auth.forbidden"


async def test_a_school_is_nominated_once_and_by_its_own_office(nominated: World) -> None:
    body = {"school_name_zh": "学校1", "text": "再次推荐"}
    address = f"{PROGRAM}/candidates/{COUNTY}/{SCHOOL}"
    assert code_of(await nominated.post(address, body, county_admin())) == "cultivation.known"
    other = next(code for code in COUNTIES if code != COUNTY)
    assert code_of(await nominated.post(address, body, county_admin(other))) == "cultivation.elsewhere"


async def test_a_school_sees_itself_only(nominated: World) -> None:
    other = next(code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL)
    assert (await nominated.get(CANDIDATE, of_school(school=other))).status_code == 404
    assert (await nominated.get(f"{PROGRAM}/candidates", of_school(school=other))).json()["items"] == []
    counts = (await nominated.get(f"{PROGRAM}/counts")).json()["items"]
    assert counts == [{"county_code": COUNTY, "states": {"nominated": 1}}]


async def test_criteria_are_the_programs(nominated: World) -> None:
    assert code_of(await assess(nominated, "elsewhere", "met", county_admin())) == "cultivation.criterion_unknown"
    withdrawn = await step(nominated, f"{CANDIDATE}:withdraw", of_school())
    assert withdrawn.json()["actions"] == ["nominate_again"]
    assert code_of(await assess(nominated, "boarding", "met", county_admin())) == "cultivation.over"
    again = await step(nominated, f"{CANDIDATE}:nominate_again", county_admin())
    assert again.json()["state"] == "nominated"
