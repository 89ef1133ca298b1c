"""A warning from its raising to its outcome, over HTTP: whose turn it is, what is refused, what is kept."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.services.monitoring.warnings.city import (
    ANALYST,
    CITY_ADMIN,
    COUNTY,
    DECLINING,
    HEAD,
    OPERATOR,
    OTHER_COUNTY,
    OTHER_HEAD,
    TEACHER,
    People,
)
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
PLAN = "已召开教研会，八周内完成错题讲评与分层辅导。"


@pytest.fixture
async def decline(warned_city: People) -> dict[str, Any]:
    """The declining school's warning, made fresh."""
    found = await warned_city.listed(rule="value_added_decline_two_years")
    assert len(found) == 1
    async with warned_city.office.kernel.database.transaction("") as session:
        fresh = "update warnings set state = 'raised', outcome = null, owner_level = 'school', due_on = :due"
        due = dt.date.fromisoformat(found[0]["raised_at"][:10]) + dt.timedelta(days=30)
        await session.execute(text(fresh), {"due": due})
    return (await warned_city.listed(rule="value_added_decline_two_years"))[0]


async def test_a_warning_shows_what_it_rests_on(warned_city: People, decline: dict[str, Any]) -> None:
    answer = await warned_city.get(f"/warnings/{decline['id']}", HEAD)
    warning = answer.json()
    assert (warning["school_code"], warning["subject"]) == (DECLINING.code, "maths")
    assert (warning["severity"], warning["action"], warning["owner"]) == ("severe", "rectification", "school")
    evidence = warning["evidence"]
    assert [point["label"] for point in evidence["series"]] == ["2024-2025", "2025-2026", "2026-2027"]
    effects = [point["value"] for point in evidence["series"]]
    assert effects == sorted(effects, reverse=True)
    assert evidence["figure"]["value"] == pytest.approx(effects[-1] - effects[0])
    assert evidence["figure"]["ci"][1] < 0
    assert (evidence["version"], evidence["criterion"]["z"]) == ("1.0.0", 1.96)
    # The link leads to the figures themselves.
    linked = await warned_city.get(f"http://service{evidence['links']['figures']}", HEAD)
    assert linked.json()["items"][0]["effect"]["value"] == effects[-1]
    again = await warned_city.get(f"/warnings/{decline['id']}", HEAD, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_the_whole_life(warned_city: People, decline: dict[str, Any]) -> None:
    warning = decline["id"]
    assert decline["actions"] == []  # the city waits for the school
    noted = await warned_city.step(warning, "acknowledge", HEAD)
    assert (noted.status_code, noted.json()["state"]) == (200, "acknowledged"), noted.text
    answered = await warned_city.step(warning, "respond", HEAD, text=PLAN)
    assert (answered.json()["state"], answered.json()["actions"]) == ("responded", [])
    returned = await warned_city.step(warning, "return", COUNTY, text="请补充责任人和时间表。")
    assert returned.json()["state"] == "returned"
    await warned_city.step(warning, "respond", HEAD, text=PLAN + "教研组长负责。")
    assert (await warned_city.step(warning, "accept", COUNTY, text="方案可行，按期检查。")).json()[
        "state"
    ] == "accepted"
    closed = await warned_city.step(warning, "close", COUNTY, outcome="confirmed", text="情况属实，已开始整改。")
    body = closed.json()
    assert (body["state"], body["outcome"]) == ("closed", "confirmed")
    kinds = [message["kind"] for message in body["messages"]][-6:]
    assert kinds == ["acknowledged", "responded", "returned", "responded", "accepted", "closed"]
    assert body["messages"][-1]["author_org"] == COUNTY.org
    after = await warned_city.client.post(
        f"/warnings/{warning}/messages", json={"text": "还有一点说明。"}, headers=bearer(HEAD)
    )
    assert (after.status_code, after.json()["code"]) == (409, "warning.over")
    async with warned_city.office.kernel.database.transaction("") as session:
        noted_steps = text("select action from audit_log where payload::jsonb ->> 'object' = :id order by seq")
        actions = list(await session.scalars(noted_steps, {"id": warning}))
        feed = text("select count(*) from changes where resource = 'warnings' and key ->> 'warning' = :id")
        changes = await session.scalar(feed, {"id": warning})
    assert actions[-6:] == [f"warning.{kind}" for kind in kinds]
    assert changes is not None
    assert changes >= len(actions)


async def test_each_step_has_its_owner(warned_city: People, decline: dict[str, Any]) -> None:
    warning = decline["id"]
    for who, status in ((COUNTY, 403), (CITY_ADMIN, 403), (OPERATOR, 403), (OTHER_HEAD, 404), (OTHER_COUNTY, 404)):
        assert (await warned_city.step(warning, "acknowledge", who)).status_code == status, who.org
    assert (await warned_city.step(warning, "acknowledge", HEAD)).status_code == 200
    assert (await warned_city.step(warning, "respond", HEAD, text=PLAN)).status_code == 200
    for who, status in ((HEAD, 403), (OTHER_COUNTY, 404), (OTHER_HEAD, 403)):
        assert (await warned_city.step(warning, "accept", who, text="方案可行。")).status_code == status, who.org
    assert (await warned_city.step(warning, "accept", CITY_ADMIN, text="方案可行。")).status_code == 200


async def test_steps_out_of_order_are_refused(warned_city: People, decline: dict[str, Any]) -> None:
    warning = decline["id"]
    early = await warned_city.step(warning, "respond", HEAD, text=PLAN)
    assert (early.status_code, early.json()["code"]) == (409, "workflow.not_allowed")
    assert "acknowledge" in early.json()["detail"]
    for action, body in (
        ("accept", {"text": "方案可行。"}),
        ("close", {"text": "已经办结了。", "outcome": "explained"}),
    ):
        assert (await warned_city.step(warning, action, COUNTY, **body)).status_code == 409


async def test_bad_words_are_refused_and_nothing_is_lost(warned_city: People, decline: dict[str, Any]) -> None:
    warning = decline["id"]
    await warned_city.step(warning, "acknowledge", HEAD)
    before = (await warned_city.get(f"/warnings/{warning}")).json()
    for body in ({}, {"text": "短"}, {"text": "字" * 4_001}, {"text": PLAN, "outcome": "confirmed"}):
        assert (await warned_city.step(warning, "respond", HEAD, **body)).status_code == 422, body
    for number in ("990001201501011233", "G99000120150101123X", "９９０００１２０１５０１０１１２３Ｘ"):
        named = await warned_city.step(warning, "respond", HEAD, text=f"已家访学生{number}。")
        assert (named.status_code, named.json()["code"]) == (422, "warning.identity_number")
        assert number not in named.text
    assert (await warned_city.get(f"/warnings/{warning}")).json() == before
    unknown = await warned_city.step("01a211ae-d100-7814-b3aa-5c4fa4df6115", "respond", HEAD, text=PLAN)
    assert unknown.status_code == 404
    assert (await warned_city.step(warning, "close", COUNTY, text=PLAN, outcome="guilty")).status_code == 422


async def test_the_city_does_not_review_its_own_answer(warned_city: People, decline: dict[str, Any]) -> None:
    warning = decline["id"]
    async with warned_city.office.kernel.database.transaction("") as session:
        await session.execute(text("update warnings set owner_level = 'city' where id = :id"), {"id": warning})
    await warned_city.step(warning, "acknowledge", CITY_ADMIN)
    assert (await warned_city.step(warning, "respond", CITY_ADMIN, text=PLAN)).json()["state"] == "responded"
    own = await warned_city.step(warning, "accept", CITY_ADMIN, text="方案可行。")
    assert (own.status_code, own.json()["code"]) == (403, "warning.not_yours")
    assert (await warned_city.step(warning, "accept", COUNTY, text="方案可行。")).status_code == 403
    colleague = await warned_city.step(warning, "accept", ANALYST, text="方案可行。")
    assert (colleague.status_code, colleague.json()["state"]) == (200, "accepted")


async def test_what_was_said_stays_said(warned_city: People, decline: dict[str, Any]) -> None:
    for statement in ("update warning_messages set body = ''", "delete from warning_messages"):
        with pytest.raises(DBAPIError, match="never changed"):
            async with warned_city.office.kernel.database.transaction("") as session:
                await session.execute(text(statement))


async def test_others_see_nothing(warned_city: People, decline: dict[str, Any]) -> None:
    warning = decline["id"]
    for who in (OTHER_HEAD, OTHER_COUNTY):
        assert DECLINING.code not in (await warned_city.get("/warnings", who)).text
        assert (await warned_city.get(f"/warnings/{warning}", who)).status_code == 404
        assert DECLINING.code not in (await warned_city.get("/warning-counts?by=school", who)).text
    for who in (HEAD, COUNTY, CITY_ADMIN, ANALYST, OPERATOR):
        assert (await warned_city.get(f"/warnings/{warning}", who)).status_code == 200
    for who in (TEACHER, actor("student", DECLINING.path), actor("province_reader", "99/")):
        assert (await warned_city.get("/warnings", who)).status_code == 403
