"""Corrections: a school asks, its county or the city decides, a new sheet closes the request."""

import datetime as dt
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from services.monitoring.app import SERVICE
from services.monitoring.corrections.rules import (
    ASKABLE,
    LIFE,
    CorrectionState,
    require_askable,
    require_grantable,
)
from services.monitoring.corrections.tables import Correction
from services.monitoring.exams.rules import ExamState
from services.monitoring.permissions import CORRECTION_STEPS, PERMISSIONS
from shared.kernel import clock
from shared.kernel.app import open_kernel
from shared.terms.errors import DomainError
from tests.services.monitoring.world import COUNTIES, SCHOOLS, World

A, B = list(SCHOOLS)[:2]
OTHER_COUNTY = next(county for county in COUNTIES if county != SCHOOLS[A])
REQUEST = {"what": "c1 班数学成绩整列错位一行", "reason": "录入时漏了一名缺考学生"}

ALLOWED = {
    CorrectionState.ASKED: {"accept": "accepted", "refuse": "refused", "cancel": "cancelled", "close": "closed"},
    CorrectionState.ACCEPTED: {"cancel": "cancelled", "close": "closed", "lapse": "lapsed"},
    CorrectionState.REFUSED: {},
    CorrectionState.CLOSED: {},
    CorrectionState.LAPSED: {},
    CorrectionState.CANCELLED: {},
}


@pytest.mark.parametrize("state", CorrectionState)
def test_the_life_of_a_correction(state: CorrectionState) -> None:
    assert {action: LIFE.target(action, state).value for action in LIFE.actions(state)} == ALLOWED[state]


@pytest.mark.parametrize("state", ExamState)
def test_when_a_correction_is_asked_for_and_granted(state: ExamState) -> None:
    for rule, states in ((require_askable, ASKABLE), (require_grantable, {ExamState.CHECKING})):
        if state in states:
            rule(state)
        else:
            with pytest.raises(DomainError):
                rule(state)


def test_every_step_somebody_takes_has_its_permission() -> None:
    assert set(CORRECTION_STEPS) <= {transition.action for transition in LIFE.transitions}
    assert set(CORRECTION_STEPS.values()) <= set(PERMISSIONS.grants)


async def checking(world: World) -> None:
    await world.open_exam()
    for school in SCHOOLS:
        await world.send(school)
    await world.check_and_confirm()


async def ask(world: World, school: str = A, who: str | None = None, **changes: Any) -> httpx.Response:
    body = {"school_code": school, **REQUEST, **changes}
    return await world.client.post("/exams/mock/corrections", json=body, headers=world.as_school(who or school))


async def step(world: World, asked: httpx.Response, action: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    address = f"/exams/mock/corrections/{asked.json()['id']}:{action}"
    return await world.client.post(address, json=body, headers=headers)


@pytest.mark.anyio
async def test_a_granted_correction_lets_that_school_alone_send_again(world: World) -> None:
    await checking(world)
    asked = await ask(world)
    assert (asked.status_code, asked.json()["state"]) == (201, "asked")
    assert (await ask(world)).json()["code"] == "correction.already_open"
    assert (await world.seal()).json()["code"] == "exam.corrections_open"
    granted = await step(world, asked, "accept", {"days": 2}, world.as_county(SCHOOLS[A]))
    assert (granted.status_code, granted.json()["state"]) == (200, "accepted")
    assert (await world.confirm(A)).json()["code"] == "mark_sheet.correction_open"
    assert (await world.seal()).json()["code"] == "exam.corrections_open"
    assert (await world.send(B, world.rows(B, seed=1))).json()["code"] == "exam.in_checking"
    batch = await world.client.post(
        "/exams/mock/mark-sheets:batch", content=b"x\n1\n", headers=world.as_vendor() | {"Content-Type": "text/csv"}
    )
    assert batch.json()["code"] == "exam.in_checking"
    faulty = world.rows(A, seed=1)
    faulty[0]["maths"] = "x"
    assert (await world.send(A, faulty)).status_code == 422
    sent = await world.send(A, world.rows(A, seed=1))
    assert sent.json()["items"][0]["outcome"] == "replaced"
    read = await world.client.get(f"/exams/mock/corrections/{asked.json()['id']}", headers=world.as_school(A))
    assert (read.json()["state"], read.json()["new_sheet_sha256"]) == ("closed", sent.json()["items"][0]["sha256"])
    assert read.json()["sheet_sha256"] != read.json()["new_sheet_sha256"]
    assert (await world.seal()).json()["code"] == "exam.unconfirmed"
    assert (await world.confirm(A)).status_code == 200
    assert (await world.seal()).status_code == 200


@pytest.mark.anyio
async def test_a_refused_or_cancelled_request_changes_nothing(world: World) -> None:
    await checking(world)
    asked = await ask(world)
    short = await step(world, asked, "refuse", {"reason": "不行"}, world.as_city())
    assert short.status_code == 422
    refused = await step(world, asked, "refuse", {"reason": "成绩与答题卡一致，无须更正"}, world.as_city())
    assert (refused.json()["state"], refused.json()["actions"]) == ("refused", [])
    twice = await step(world, asked, "accept", {"days": 2}, world.as_city())
    assert (twice.status_code, twice.json()["code"]) == (409, "workflow.not_allowed")
    again = await ask(world)
    await step(world, again, "accept", {"days": 2}, world.as_city())
    cancelled = await step(world, again, "cancel", None, world.as_school(A))
    assert cancelled.json()["state"] == "cancelled"
    assert (await world.send(A, world.rows(A, seed=1))).json()["code"] == "exam.in_checking"
    assert (await world.confirm(A)).status_code == 200
    assert (await world.seal()).status_code == 200


@pytest.mark.anyio
async def test_who_asks_who_decides_and_who_reads(world: World) -> None:
    await checking(world)
    assert (await ask(world, A, who=B)).status_code == 404
    body = {"school_code": A, **REQUEST}
    assert (await world.client.post("/exams/mock/corrections", json=body, headers=world.as_city())).status_code == 403
    asked = await ask(world)
    days = {"days": 2}
    assert (await step(world, asked, "accept", days, world.as_county(OTHER_COUNTY))).status_code == 404
    assert (await step(world, asked, "accept", days, world.as_school(A))).status_code == 403
    assert (await step(world, asked, "cancel", None, world.as_school(B))).status_code == 404
    for wrong in ({}, {"days": 0}, {"days": 15}, {"ends_on": "2020-01-01"}):
        assert (await step(world, asked, "accept", wrong, world.as_city())).status_code == 422
    seen = {}
    for name, headers in {
        "city": world.as_city(),
        "county": world.as_county(SCHOOLS[A]),
        "other county": world.as_county(OTHER_COUNTY),
        "school": world.as_school(A),
        "other school": world.as_school(B),
    }.items():
        listed = await world.client.get("/exams/mock/corrections?state=asked", headers=headers)
        seen[name] = [item["actions"] for item in listed.json()["items"]]
    decides = ["accept", "refuse"]
    assert seen == {
        "city": [decides],
        "county": [decides],
        "other county": [],
        "school": [["cancel"]],
        "other school": [],
    }
    board = (await world.client.get("/exams/mock/completeness", headers=world.as_city())).json()
    assert {line["county_code"]: line["corrections_open"] for line in board["items"]}[SCHOOLS[A]] == 1


@pytest.mark.anyio
async def test_a_deadline_that_passes_ends_the_correction(world: World) -> None:
    await checking(world)
    asked = await ask(world)
    await step(world, asked, "accept", {"days": 1}, world.as_city())
    kernel = open_kernel(SERVICE, world.settings)
    async with kernel.database.transaction("") as session:
        past = clock.now() - dt.timedelta(minutes=1)
        await session.execute(update(Correction).values(deadline_at=past))
    await kernel.database.close()
    assert (await world.confirm(A)).status_code == 200
    read = await world.client.get(f"/exams/mock/corrections/{asked.json()['id']}", headers=world.as_school(A))
    assert read.json()["state"] == "lapsed"
    assert (await world.seal()).status_code == 200


@pytest.mark.anyio
async def test_after_sealing_the_city_reopens_for_the_school_that_asks(world: World) -> None:
    await world.open_exam()
    early = await ask(world)
    assert (early.status_code, early.json()["code"]) == (409, "correction.not_askable")
    for school in SCHOOLS:
        await world.send(school)
    await world.check_and_confirm()
    assert (await world.seal()).status_code == 200
    asked = await ask(world)
    later = await step(world, asked, "accept", {"days": 2}, world.as_county(SCHOOLS[A]))
    assert (later.status_code, later.json()["code"]) == (409, "correction.needs_reopening")
    body = {"reason": "同意该校更正数学成绩", "schools": [A], "days": 2}
    assert (await world.client.post("/exams/mock:reopen", json=body, headers=world.as_city())).status_code == 200
    read = await world.client.get(f"/exams/mock/corrections/{asked.json()['id']}", headers=world.as_school(A))
    assert (read.json()["state"], read.json()["decided_by"] is not None) == ("accepted", True)
    assert (await world.send(A, world.rows(A, seed=1))).status_code == 200
    assert (await world.confirm(A)).status_code == 200
    assert (await world.seal()).status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize("changes", [{"what": "错"}, {"reason": ""}, {"pupil": "x"}, {"what": "x" * 501}])
async def test_a_request_says_what_and_why(world: World, changes: dict) -> None:
    await checking(world)
    assert (await ask(world, **changes)).status_code == 422
