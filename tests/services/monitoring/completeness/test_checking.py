"""Checking: each school looks at its own figures and confirms them; only then, or when time is up, is an exam sealed."""

import asyncio
import datetime as dt

import polars as pl
import pytest
from sqlalchemy import update

from services.monitoring.app import SERVICE
from services.monitoring.exams.tables import Exam
from shared.kernel import clock
from shared.kernel.app import open_kernel
from tests.services.monitoring.world import COUNTIES, SCHOOLS, World

pytestmark = pytest.mark.anyio
A, B = list(SCHOOLS)[:2]


async def collected(world: World) -> None:
    await world.open_exam()
    for school in SCHOOLS:
        assert (await world.send(school)).status_code == 201


async def state(world: World) -> str:
    return str((await world.client.get("/exams/mock", headers=world.as_city())).json()["state"])


async def let_the_window_end(world: World) -> None:
    kernel = open_kernel(SERVICE, world.settings)
    async with kernel.database.transaction("") as session:
        await session.execute(update(Exam).values(checking_ends_at=clock.now() - dt.timedelta(minutes=1)))
    await kernel.database.close()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "exam.window_needs_one_end"),
        ({"days": 3, "ends_on": "2030-01-01"}, "exam.window_needs_one_end"),
        ({"days": 3, "working_days": 3}, "exam.window_needs_one_end"),
        ({"days": 0}, "exam.window_out_of_bounds"),
        ({"working_days": 0}, "exam.window_out_of_bounds"),
        ({"working_days": 31}, "exam.window_out_of_bounds"),
        ({"days": 31}, "exam.window_out_of_bounds"),
        ({"ends_on": "2020-01-01"}, "exam.window_out_of_bounds"),
    ],
)
async def test_the_window_has_one_end_within_bounds(world: World, body: dict, code: str) -> None:
    await world.open_exam()
    refused = await world.client.post("/exams/mock:check", json=body, headers=world.as_city())
    told = refused.json()
    assert refused.status_code == 422
    assert code in (told["code"], told.get("errors", [{}])[0].get("code"))
    assert await state(world) == "collecting"


async def test_the_window_ends_with_its_last_day_in_china(world: World) -> None:
    await world.open_exam()
    last = clock.now().astimezone(clock.CHINA).date() + dt.timedelta(days=2)
    closed = await world.client.post("/exams/mock:check", json={"ends_on": str(last)}, headers=world.as_city())
    ends = dt.datetime.fromisoformat(closed.json()["checking_ends_at"])
    assert ends == dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), clock.CHINA)
    again = await world.client.post("/exams/mock:check", json={"days": 1}, headers=world.as_city())
    assert (again.status_code, again.json()["code"]) == (409, "workflow.not_allowed")


async def test_a_school_sees_its_own_figures(world: World) -> None:
    await world.open_exam()
    rows = world.rows(A)[:-1]
    rows[0] |= {"maths": "", "maths_status": "缺考"}
    for row, mark in zip(rows[1:], (10, 20, 30.5), strict=False):
        row["maths"] = str(mark)
    for row in rows[4:]:
        row["maths"] = "0"
    await world.send(A, rows)
    seen = await world.client.get(f"/exams/mock/mark-sheets/{A}/figures", headers=world.as_school(A))
    figures = seen.json()
    maths = figures["subjects"][0]
    assert [maths[name] for name in ("present", "absent", "void", "exempt")] == [10, 1, 0, 0]
    assert [maths[name] for name in ("mean", "minimum", "maximum")] == ["6.05", "0.0", "30.5"]
    assert (figures["rows"], figures["enrolled"], figures["unaccounted"]) == (11, 12, 1)
    assert figures["classes"] == [{"class_code": "c1", "rows": 11}]
    assert len(figures["unaccounted_pupils"]) == 1
    assert world.pupils[A][-1] not in seen.text
    other = await world.client.get(f"/exams/mock/mark-sheets/{A}/figures", headers=world.as_school(B))
    assert other.status_code == 404
    county = await world.client.get(f"/exams/mock/mark-sheets/{A}/figures", headers=world.as_county(SCHOOLS[A]))
    assert county.status_code == 403


async def test_what_is_confirmed_is_what_was_seen(world: World) -> None:
    await collected(world)
    early = await world.confirm(A)
    assert (early.status_code, early.json()["code"]) == (409, "exam.not_checking")
    await world.check()
    address = f"/exams/mock/mark-sheets/{A}:confirm"
    wrong = await world.client.post(address, json={"sha256": "0" * 64}, headers=world.as_school(A))
    assert (wrong.status_code, wrong.json()["code"]) == (409, "mark_sheet.changed")
    assert (await world.client.post(address, json={"sha256": "x"}, headers=world.as_school(A))).status_code == 422
    first, second = await world.confirm(A), await world.confirm(A)
    assert (first.status_code, second.json()) == (200, first.json())
    assert first.json()["confirmed_at"] is not None


async def test_nobody_confirms_in_a_schools_place(world: World) -> None:
    await collected(world)
    await world.check()
    assert (await world.confirm(A, headers=world.as_city())).status_code == 403
    assert (await world.confirm(A, headers=world.as_county(SCHOOLS[A]))).status_code == 403
    sheet = (await world.client.get(f"/exams/mock/mark-sheets/{A}", headers=world.as_school(A))).json()
    stolen = await world.client.post(
        f"/exams/mock/mark-sheets/{A}:confirm", json={"sha256": sheet["sha256"]}, headers=world.as_school(B)
    )
    assert stolen.status_code == 404


async def test_sealing_waits_for_every_school_or_for_the_window(world: World) -> None:
    await collected(world)
    hasty = await world.seal()
    assert (hasty.status_code, hasty.json()["code"]) == (409, "workflow.not_allowed")
    await world.check()
    refused_upload = await world.send(A, world.rows(A, seed=1))
    assert (refused_upload.status_code, refused_upload.json()["code"]) == (409, "exam.in_checking")
    for school in list(SCHOOLS)[1:]:
        assert (await world.confirm(school)).status_code == 200
    waiting = await world.seal(reason="学校来不及确认")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "exam.unconfirmed")
    assert [fault["source_id"] for fault in waiting.json()["errors"]] == [SCHOOLS[A]]
    await let_the_window_end(world)
    sealed = await world.seal()
    assert (sealed.status_code, sealed.json()["state"]) == (200, "sealed")


async def test_reopening_for_named_schools_leaves_the_others_alone(world: World) -> None:
    await collected(world)
    await world.check_and_confirm()
    assert (await world.seal()).status_code == 200
    body = {"reason": "甲校数学成绩录入有误", "schools": [A], "days": 2}
    for wrong in ({**body, "days": None}, {**body, "schools": []}, {**body, "reason": "误"}):
        assert (await world.client.post("/exams/mock:reopen", json=wrong, headers=world.as_city())).status_code == 422
    unknown = {**body, "schools": ["2199999999"]}
    assert (await world.client.post("/exams/mock:reopen", json=unknown, headers=world.as_city())).status_code == 404
    assert (await world.client.post("/exams/mock:reopen", json=body, headers=world.as_school(A))).status_code == 403
    reopened = await world.client.post("/exams/mock:reopen", json=body, headers=world.as_city())
    assert (reopened.status_code, reopened.json()["state"]) == (200, "checking")
    assert (await world.send(B, world.rows(B, seed=1))).json()["code"] == "exam.in_checking"
    assert (await world.send(A, world.rows(A, seed=1))).json()["items"][0]["outcome"] == "replaced"
    assert (await world.seal()).json()["code"] == "exam.unconfirmed"
    assert (await world.confirm(A)).status_code == 200
    assert (await world.send(A, world.rows(A, seed=2))).json()["code"] == "exam.in_checking"
    assert (await world.seal()).status_code == 200


async def test_reopening_for_all_takes_every_confirmation_back(world: World) -> None:
    await collected(world)
    await world.check_and_confirm()
    reopened = await world.client.post(
        "/exams/mock:reopen", json={"reason": "补充一所学校的成绩"}, headers=world.as_city()
    )
    assert (reopened.status_code, reopened.json()["state"]) == (200, "collecting")
    await world.check()
    assert (await world.seal()).json()["code"] == "exam.unconfirmed"


async def test_the_same_candidate_id_at_two_schools_is_never_sealed(world: World) -> None:
    await world.open_exam()
    for school in SCHOOLS:
        rows = world.rows(school)
        if school in (A, B):
            rows[0]["candidate_id"] = "same"
        await world.send(school, rows)
    await world.check_and_confirm()
    refused = await world.seal(reason="两校考号相同，已核对")
    assert (refused.status_code, refused.json()["code"]) == (409, "exam.unreconciled")
    assert "1" in refused.json()["detail"]


async def test_what_is_archived_is_read_and_changed_no_more(world: World) -> None:
    await collected(world)
    early = await world.client.post("/exams/mock:archive", headers=world.as_city())
    assert (early.status_code, early.json()["code"]) == (409, "workflow.not_allowed")
    await world.check_and_confirm()
    assert (await world.seal()).status_code == 200
    await world.run_job(await world.client.post("/exams/mock:analyze", headers=world.as_city()))
    published = await world.client.post("/exams/mock:publish", json={}, headers=world.as_city())
    assert published.status_code == 201
    archived = await world.client.post("/exams/mock:archive", headers=world.as_city())
    assert (archived.json()["state"], archived.json()["actions"]) == ("archived", [])
    results = await world.client.get("/exams/mock/results", headers=world.as_city())
    complete = results.json()["manifest"]["completeness"]
    assert (complete["schools"], complete["registered"], complete["gap_accepted"]) == (6, 72, False)
    assert (await world.client.get("/exams/mock/results/summary", headers=world.as_city())).status_code == 200
    for step, body in (("withdraw", {"reason": "不再有效了"}), ("reopen", {"reason": "不再有效了"}), ("analyze", None)):
        refused = await world.client.post(f"/exams/mock:{step}", json=body, headers=world.as_city())
        assert (refused.status_code, refused.json()["code"]) == (409, "workflow.not_allowed")
    assert (await world.send(A)).json()["code"] == "exam.not_collecting"


async def test_the_denominators_come_from_the_roster(world: World) -> None:
    everyone = world.roster._enrollments
    key = everyone["student_key"][0]
    left = pl.col("student_key") == key
    world.roster._enrollments = everyone.with_columns(
        status=pl.when(left).then(pl.lit("transferred_out")).otherwise("status"),
        left_on=pl.when(left).then(pl.lit(dt.date(2026, 10, 9))).otherwise("left_on"),
    )
    await world.open_exam()
    items = (await world.client.get("/exams/mock/participants", headers=world.as_city())).json()["items"]
    school = next(item for item in items if item["school_code"] == everyone["school_code"][0])
    names = ("at_start_count", "transferred_in_count", "transferred_out_count", "expected_count", "enrolled_count")
    assert [school[name] for name in names] == [12, 0, 1, 11, 11]


async def test_the_board_is_read_by_each_at_their_level(world: World) -> None:
    await world.open_exam()
    await world.send(A)
    faulty = world.rows(B)
    faulty[0]["maths"] = "x"
    assert (await world.send(B, faulty)).status_code == 422
    city = await world.client.get("/exams/mock/completeness", headers=world.as_city())
    board = city.json()
    assert [line["county_code"] for line in board["items"]] == list(COUNTIES)
    counted = {name: board["total"][name] for name in ("schools", "received", "faulty", "missing", "unaccounted")}
    assert counted == {"schools": 6, "received": 1, "faulty": 1, "missing": 5, "unaccounted": 60}
    assert board["total"]["enrollment_participation_rate"] == "0.1667"
    same = await world.client.get(
        "/exams/mock/completeness", headers=world.as_city() | {"If-None-Match": city.headers["etag"]}
    )
    assert same.status_code == 304
    county = SCHOOLS[A]
    own = (await world.client.get("/exams/mock/completeness?level=school", headers=world.as_county(county))).json()
    assert {line["school_code"] for line in own["items"]} == {code for code in SCHOOLS if SCHOOLS[code] == county}
    school = (await world.client.get("/exams/mock/completeness", headers=world.as_school(B))).json()
    assert [(line["school_code"], line["faulty"], line["received"]) for line in school["items"]] == [(B, 1, 0)]
    refused = await world.client.get("/exams/mock/completeness?level=county", headers=world.as_school(B))
    assert refused.status_code == 403
    await world.send(B)
    mended = (await world.client.get("/exams/mock/completeness", headers=world.as_school(B))).json()
    assert (mended["total"]["faulty"], mended["total"]["received"]) == (0, 1)


async def test_what_many_schools_send_at_once_is_counted_once(world: World) -> None:
    await world.open_exam()
    jobs = [world.send(school, world.rows(school, seed=seed)) for seed in range(3) for school in SCHOOLS]
    answers = await asyncio.gather(*jobs)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert sum(answer.status_code == 201 for answer in answers) == len(SCHOOLS)
    board = (await world.client.get("/exams/mock/completeness", headers=world.as_city())).json()["total"]
    assert [board[name] for name in ("received", "registered", "unaccounted", "faulty")] == [6, 72, 0, 0]


async def test_a_refused_upload_stays_to_be_mended_when_the_roster_is_frozen_anew(world: World) -> None:
    await world.open_exam()
    faulty = world.rows(A)
    faulty[0]["maths"] = "x"
    assert (await world.send(A, faulty)).status_code == 422
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    board = (await world.client.get("/exams/mock/completeness", headers=world.as_city())).json()
    assert board["total"]["faulty"] == 1


async def test_schools_of_the_board_come_in_pages(world: World) -> None:
    await world.open_exam()
    seen: list[str] = []
    query = {"level": "school", "page_size": 4}
    while True:
        page = (await world.client.get("/exams/mock/completeness", params=query, headers=world.as_city())).json()
        seen += [line["school_code"] for line in page["items"]]
        if page["next_cursor"] is None:
            break
        query = {**query, "cursor": page["next_cursor"]}
    assert seen == sorted(SCHOOLS)
