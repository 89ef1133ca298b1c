"""Appeals over HTTP: whose step, by when, with what effect; the thread and the grounds are final."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.kernel.sweep import sweep
from shared.kits.appeals.repository import open_appeal_counts
from shared.terms.actor import Actor
from tests.kits.office import COUNTY, Office, Time
from tests.kits.sample.service import SERVICE, ReportAppeal
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
GROUNDS = {"grounds": "器材数少算了一间实验室，附照片", "points": ["b6.2"], "asks_for": "更正为达标"}
WORDS = {"body": "已知悉，按规定办理"}
REVIEWER = actor("county_reviewer", COUNTY)


async def submitted(office: Office, who: Actor | None = None, *, at: str = "appeals") -> str:
    """Appeals against report ``one``; returns the appeal's address."""
    answer = await office.post(f"/reports/one/{at}", who or office.school, GROUNDS)
    assert answer.status_code == 201, answer.text
    return f"/reports/one/{at}/{answer.json()['id']}"


async def step(office: Office, address: str, action: str, who: Actor, **more: Any) -> dict[str, Any]:
    """Takes a step that must succeed."""
    answer = await office.post(f"{address}:{action}", who, WORDS | more)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def refused(office: Office, address: str, action: str, who: Actor, **more: Any) -> str:
    """The code of a refusal."""
    answer = await office.post(f"{address}:{action}", who, WORDS | more)
    assert answer.status_code in (403, 404, 409, 422), answer.text
    return str(answer.json()["code"])


async def test_an_appeal_changes_the_result_in_the_transaction_of_its_ruling(office: Office, time: Time) -> None:
    address = await submitted(office)
    opened = (await office.get(address, office.county)).json()
    assert (opened["due_rule"], opened["due_at"]) == ("appeals.admit", "2026-12-02T16:00:00Z")
    assert opened["actions"] == ["accept", "refuse"]
    assert (await step(office, address, "accept", office.county))["due_rule"] == "appeals.rule"
    looked = await step(office, address, "investigate", office.county, assignee=REVIEWER.subject)
    assert (looked["assignee"], looked["due_rule"]) == (REVIEWER.subject, "appeals.rule")
    ruled = await step(office, address, "rule", office.county, outcome="partly_upheld", effect={"score": 58})
    assert ruled["applied"] == {"score": {"from": 50, "to": 58}}
    assert (await office.get("/reports/one", office.school)).json()["score"] == 58
    own = (await office.get(address, office.colleague)).json()
    assert [message["kind"] for message in own["messages"]] == ["submitted", "accept", "investigate", "rule"]
    assert own["actions"] == ["request_review"]
    assert [record["detail"]["outcome"] for record in await office.audited("appeal.rule")] == ["partly_upheld"]


async def test_an_effect_that_is_refused_undoes_the_ruling(office: Office, time: Time) -> None:
    address = await submitted(office)
    await step(office, address, "accept", office.county)
    assert await refused(office, address, "rule", office.county, outcome="upheld", effect={"score": 101}) == (
        "resource.conflict"
    )
    still = (await office.get(address, office.school)).json()
    assert (still["state"], still["outcome"], len(still["messages"])) == ("accepted", None, 2)
    assert (await office.get("/reports/one", office.school)).json()["score"] == 50
    assert await refused(office, address, "rule", office.county, outcome="rejected", effect={"score": 60}) == (
        "appeal.effect_refused"
    )


async def test_nobody_takes_anothers_step(office: Office, time: Time) -> None:
    address = await submitted(office)
    assert await refused(office, address, "accept", office.school) == "auth.forbidden"
    assert await refused(office, address, "withdraw", office.county) == "auth.forbidden"
    assert await refused(office, address, "accept", office.other_school) == "auth.forbidden"
    assert await refused(office, address, "rule", office.county, outcome="upheld") == "workflow.not_allowed"
    assert (await office.get(address, office.other_school)).status_code == 404
    assert (await office.get("/reports/one/appeals", office.other_school)).status_code == 404
    second = await office.post("/reports/one/appeals", office.colleague, GROUNDS)
    assert (second.status_code, second.json()["code"]) == (409, "appeal.already_open")
    assert (await step(office, address, "withdraw", office.colleague))["state"] == "withdrawn"
    closed = await office.post(f"{address}/messages", office.school, WORDS)
    assert closed.json()["code"] == "appeal.over"
    assert (await office.post("/reports/one/appeals", office.school, GROUNDS)).status_code == 201


async def test_a_review_is_anothers_from_above_and_final(office: Office, time: Time) -> None:
    address = await submitted(office)
    await step(office, address, "accept", office.county)
    await step(office, address, "rule", office.county, outcome="rejected")
    await step(office, address, "request-review", office.school)
    assert await refused(office, address, "decide-review", office.county, outcome="upheld") == "appeal.not_yours"
    assert await refused(office, address, "decide-review", REVIEWER, outcome="upheld") == "appeal.not_yours"
    decided = await step(office, address, "decide-review", office.city, outcome="upheld", effect={"score": 80})
    assert (decided["state"], decided["review_applied"]["score"]["to"], decided["actions"]) == ("final", 80, [])
    assert (decided["outcome"], decided["review_outcome"]) == ("rejected", "upheld")


async def test_where_nobody_is_above_another_person_reviews(office: Office, time: Time) -> None:
    address = await submitted(office)
    await step(office, address, "accept", office.city)
    await step(office, address, "rule", office.city, outcome="rejected")
    await step(office, address, "request-review", office.school)
    assert await refused(office, address, "decide-review", office.city, outcome="upheld") == "appeal.not_yours"
    other = actor("city_admin", office.city.org, subject="another")
    assert (await step(office, address, "decide-review", other, outcome="rejected"))["state"] == "final"


async def test_a_right_not_used_in_time_is_gone_and_the_ruling_stands(office: Office, time: Time) -> None:
    address = await submitted(office)
    await step(office, address, "refuse", office.county)
    time.move(days=7)
    assert (await sweep(office.kernel, SERVICE.sweeps, None))["appeals_lapsed"] == 0
    time.move(days=1)
    assert await refused(office, address, "request-review", office.school) == "appeal.too_late"
    assert (await sweep(office.kernel, SERVICE.sweeps, None))["appeals_lapsed"] == 1
    final = (await office.get(address, office.school)).json()
    assert (final["state"], final["messages"][-1]["side"], final["due_at"]) == ("final", "platform", None)


async def test_a_handler_may_be_late_and_it_shows(office: Office, time: Time) -> None:
    address = await submitted(office)
    listed = "/reports/one/appeals?overdue=true"
    assert (await office.get(listed, office.city)).json()["items"] == []
    time.move(days=8)
    (late,) = (await office.get(listed, office.city)).json()["items"]
    assert late["is_overdue"]
    assert (await step(office, address, "accept", office.county))["is_overdue"] is False
    async with office.kernel.database.transaction("") as session:
        counts = await open_appeal_counts(session, ReportAppeal, office.city, "report", ["one", "two"])
    assert counts == {"one": 1}


async def test_a_persons_objection_does_not_tell_others_whose_it_is(office: Office, time: Time) -> None:
    first, second = (actor("teacher", office.school.org, subject=name) for name in ("t1", "t2"))
    address = await submitted(office, first, at="objections")
    assert (await office.get(address, first)).json()["appellant"] == "t1"
    seen = (await office.get(address, second)).json()
    assert (seen["appellant"], seen["appellant_org"], seen["actions"]) == (None, None, [])
    assert [message["author_org"] for message in seen["messages"]] == [None]
    assert "t1" not in str(seen)
    assert (await office.get(address, office.county)).json()["appellant"] == "t1"
    # Days of this mounting: two, not five.
    assert seen["due_at"] == "2026-11-27T16:00:00Z"
    assert await refused(office, address, "withdraw", second) == "appeal.not_yours"
    spoken = await office.post(f"{address}/messages", second, WORDS)
    assert spoken.json()["code"] == "appeal.not_yours"
    handler = await office.post(f"{address}/handler-messages", office.county, WORDS)
    assert [message["side"] for message in handler.json()["messages"]] == ["appellant", "handler"]
    # No effect can be ordered where the service applies none.
    await step(office, address, "accept", office.county)
    assert await refused(office, address, "rule", office.county, outcome="upheld", effect={"score": 60}) == (
        "appeal.effect_refused"
    )


async def test_numbers_of_persons_are_not_taken(office: Office) -> None:
    body = GROUNDS | {"grounds": "学生 990001201501010011 的成绩有误"}
    answer = await office.post("/reports/one/appeals", office.school, body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "text.identity_number")


async def test_the_database_keeps_grounds_and_thread(office: Office, time: Time) -> None:
    address = await submitted(office)
    statements = {
        "update appeals set grounds = 'x'": "never changed",
        "update appeals set appellant_org = '99/'": "never changed",
        "delete from appeals": "never deleted",
        "update appeal_messages set body = 'x'": "is final",
        "delete from appeal_messages": "is final",
    }
    await step(office, address, "withdraw", office.school)
    for statement, words in {
        **statements,
        "update appeals set state = 'submitted', ended_at = null": "is over",
    }.items():
        with pytest.raises(DBAPIError, match=words):
            async with office.kernel.database.transaction("") as session:
                await session.execute(text(statement))
