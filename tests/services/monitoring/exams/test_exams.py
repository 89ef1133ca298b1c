"""Registering an exam: what the law allows, and nothing that could not be analyzed."""

import polars as pl
import pytest

from services.monitoring.exams.rules import LIFE
from services.monitoring.permissions import PERMISSIONS, STEPS
from tests.services.monitoring.world import SCHOOLS, World, exam_body
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio


async def test_registering_twice_changes_nothing(world: World) -> None:
    first = await world.put_exam()
    again = await world.put_exam()
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert first.json()["actions"] == ["open"]
    changed = await world.put_exam(name_zh="改名")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "city_league_table"}, "exam.kind_unknown"),
        ({"kind": "graduation_mock"}, "exam.grade_not_allowed"),
        ({"sample": None}, "exam.must_be_sample"),
        ({"participants": None}, "exam.must_be_sample"),
        ({"kind": "school_final"}, "exam.one_school_only"),
    ],
)
async def test_what_the_law_refuses_is_refused_with_its_rule(world: World, changes: dict, code: str) -> None:
    refused = await world.put_exam(**changes)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    if code != "exam.kind_unknown":
        assert "H1" in refused.json()["detail"] or "H2" in refused.json()["detail"]
        approved = await world.put_exam(**changes, approval_document="毕教通〔2026〕1号")
        assert approved.status_code == 201


async def test_a_third_mock_in_a_school_year_is_refused(world: World) -> None:
    mock = {"kind": "graduation_mock", "grade_level": 9, "sample": None, "participants": None}
    assert [(await world.put_exam(f"m{n}", **mock)).status_code for n in range(3)] == [201, 201, 422]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"min_n": 5}, ""),
        ({"school_year": "2026"}, ""),
        ({"Kind": "x"}, "/Kind"),
        ({"grade_level": 13}, "/grade_level"),
    ],
)
async def test_faults_of_a_definition_are_listed(world: World, changes: dict, pointer: str) -> None:
    refused = await world.put_exam(**changes)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_a_definition_that_cannot_be_analyzed_is_refused(world: World) -> None:
    models = [{"outcome": "maths", "intakes": ["nothing"]}]
    refused = await world.put_exam(value_added_models=models)
    assert (refused.status_code, refused.json()["code"]) == (422, "scoring.plan_invalid")


async def test_opening_freezes_the_roster_and_names_the_schools(world: World) -> None:
    await world.open_exam()
    exam = (await world.client.get("/exams/mock", headers=world.as_city())).json()
    assert (exam["state"], len(exam["roster_sha256"])) == ("collecting", 64)
    schools = (await world.client.get("/exams/mock/participants", headers=world.as_city())).json()["items"]
    assert [(school["school_code"], school["enrolled_count"]) for school in schools] == [(c, 12) for c in SCHOOLS]
    changed = await world.put_exam(name_zh="改名")
    assert (changed.status_code, changed.json()["code"]) == (409, "exam.not_editable")


async def test_an_unknown_school_among_the_participants_fails_the_opening(world: World) -> None:
    await world.put_exam(participants=[*SCHOOLS, "2199999999"])
    accepted = await world.client.post("/exams/mock:open", headers=world.as_city())
    with pytest.raises(AssertionError, match="participants_unknown"):
        await world.run_job(accepted)


async def test_freezing_anew_takes_in_changes_but_leaves_no_marks_behind(world: World) -> None:
    every = {
        "kind": "senior_secondary_entrance",
        "sample": None,
        "participants": None,
        "approval_document": "批〔2026〕1号",
    }
    await world.open_exam(**every)
    school = next(iter(SCHOOLS))
    assert (await world.send(school)).status_code == 201
    before = (await world.client.get("/exams/mock", headers=world.as_city())).json()["roster_sha256"]
    everyone = world.roster._enrollments
    world.roster._enrollments = everyone.filter(pl.col("school_code") != school)
    with pytest.raises(AssertionError, match="sheets_left_behind"):
        await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    kept = (await world.client.get("/exams/mock", headers=world.as_city())).json()
    assert (kept["state"], kept["roster_sha256"]) == ("collecting", before)
    world.roster._enrollments = everyone.filter(pl.col("school_code") != list(SCHOOLS)[1])
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    items = (await world.client.get("/exams/mock/participants", headers=world.as_city())).json()["items"]
    assert [item["school_code"] for item in items] == [code for code in SCHOOLS if code != list(SCHOOLS)[1]]


async def test_who_may_register_and_who_may_see(world: World) -> None:
    school = next(iter(SCHOOLS))
    assert (await world.client.put("/exams/x", json=exam_body(), headers=world.as_school(school))).status_code == 403
    await world.open_exam()
    seen = await world.client.get("/exams/mock/participants", headers=world.as_school(school))
    assert [item["school_code"] for item in seen.json()["items"]] == [school]
    listed = (await world.client.get("/exams", headers=world.as_school(school))).json()["items"]
    assert [(exam["code"], exam["actions"]) for exam in listed] == [("mock", [])]
    assert "participants" not in listed[0]["definition"]
    assert (await world.client.post("/exams/mock:open", headers=world.as_school(school))).status_code == 403


def test_every_step_of_an_exams_life_has_its_permission() -> None:
    assert set(STEPS) == {transition.action for transition in LIFE.transitions}
    assert set(STEPS.values()) <= set(PERMISSIONS.grants)


async def test_the_province_learns_of_changes_from_the_feed(world: World) -> None:
    province = bearer(actor("province_reader", "99/"))
    start = (await world.client.get("/changes", headers=province)).json()["next_after"]
    await world.open_exam()
    await world.send(next(iter(SCHOOLS)))
    feed = (await world.client.get("/changes", headers=province, params={"after": start})).json()
    told = [(item["resource"], item["key"]) for item in feed["items"]]
    sheet = ("mark_sheets", {"exam": "mock", "school_code": next(iter(SCHOOLS))})
    assert told == [("exams", {"code": "mock"}), ("exams", {"code": "mock"}), sheet]
    after = {"after": feed["next_after"], "resources": "exams,result_sets"}
    assert (await world.client.get("/changes", headers=province, params=after)).json()["items"] == []
    assert (await world.client.get("/changes", headers=province, params={"resources": "marks"})).status_code == 422
