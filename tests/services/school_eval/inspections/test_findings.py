"""Findings: from the visit to the revisit, in time or handed on, and found again."""

import datetime as dt
import uuid
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from services.school_eval.findings.service import escalate_overdue
from shared.kernel import clock
from shared.kernel.database.engine import Database
from shared.terms.actor import Actor
from shared.workflow.calendar import national_calendar
from tests.services.school_eval.inspections.inspecting import FIRE, FIRST, SECOND, TIMETABLE, Inspecting
from tests.support.city import CITY, CITY_ADMIN, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
BAD = {TIMETABLE: 2, FIRE: 0}
PLAN = {"text": "三日内更换过期灭火器并建立月查制度", "responsible_post": "总务主任"}
WORDS = {"text": "已全部更换，见照片"}


async def raised(office: Inspecting, severity: str = "major") -> tuple[str, dict[str, Any], str]:
    """A finding about a school; returns its address, the school and the visit's address."""
    row = next(row for row in await office.drawn() if not row["is_double_rated"])
    visit = await office.rated_visit(row, BAD)
    return await raise_again(office, visit, severity), row, visit


async def raise_again(office: Inspecting, visit: str, severity: str = "major") -> str:
    address = f"/findings/{uuid.uuid4()}"
    made = await office.put(address, body_of(visit, severity=severity), FIRST)
    assert made.status_code == 201, made.text
    return address


def body_of(visit: str, **changes: Any) -> dict[str, Any]:
    return {
        "visit": visit.removeprefix("/visits/"),
        "item": FIRE,
        "severity": "major",
        "description": "灭火器过期两具",
        **changes,
    }


async def step(office: Inspecting, address: str, name: str, who: Actor, body: Any) -> httpx.Response:
    return await office.post(f"{address}{name}", body, who, match=await office.get(address, who))


async def test_a_finding_is_planned_mended_seen_and_closed(office: Inspecting) -> None:
    address, row, _ = await raised(office)
    school = of_school(school=row["school_code"])
    mine = await office.get(address, school)
    due = national_calendar().add_working_days(clock.today(), 5)
    assert (mine.json()["due_on"], mine.json()["actions"]) == (due.isoformat(), ["plan"])
    promised = (clock.today() + dt.timedelta(days=3)).isoformat()
    planned = await step(office, address, ":plan", school, PLAN | {"done_by": promised})
    assert (planned.json()["state"], planned.json()["due_on"]) == ("planned", promised)
    reported = await step(office, address, ":report", school, WORDS)
    assert reported.json()["actions"] == []
    missing = await step(office, address, "/judgments/close", FIRST, {"text": "材料已看，同意销号"})
    assert code_of(missing) == "finding.revisit_missing"
    revisit = await revisited(office, row)
    closing = {"text": "现场查看，已更换", "revisit": revisit.removeprefix("/visits/")}
    closed = await step(office, address, "/judgments/close", FIRST, closing)
    assert (closed.json()["state"], closed.json()["closed_on"]) == ("closed", clock.today().isoformat())
    assert [entry["action"] for entry in closed.json()["entries"]] == ["raise", "plan", "report", "close"]
    board = (await office.get("/finding-board")).json()["items"]
    assert [(each["county_code"], each["states"], each["median_days_to_close"]) for each in board] == [
        (row["county_code"], {"closed": 1}, 0)
    ]


async def revisited(office: Inspecting, row: dict[str, Any]) -> str:
    address = f"/visits/{uuid.uuid4()}"
    body = {
        "county_code": row["county_code"],
        "school_code": row["school_code"],
        "planned_on": clock.today().isoformat(),
        "raters": [SECOND.subject],
        "checklists": ["small"],
    }
    made = await office.put(address, body)
    assert (made.status_code, made.json()["kind"]) == (201, "revisit"), made.text
    await office.post(f"{address}:start", who=SECOND)
    await office.rate(address, SECOND, {TIMETABLE: 3, FIRE: 1})
    return address


async def test_what_is_minor_is_closed_on_paper_and_what_is_not_mended_comes_back(office: Inspecting) -> None:
    address, row, visit = await raised(office, "minor")
    school = of_school(school=row["school_code"])
    await step(office, address, ":plan", school, PLAN)
    await step(office, address, ":report", school, WORDS)
    unfit = {"text": "以首次视导为复查", "revisit": visit.removeprefix("/visits/")}
    assert code_of(await step(office, address, "/judgments/close", FIRST, unfit)) == "finding.revisit_unfit"
    returned = await step(office, address, "/judgments/return", FIRST, {"text": "照片看不清有效期"})
    assert returned.json()["state"] == "returned"
    await step(office, address, ":plan", school, PLAN)
    await step(office, address, ":report", school, WORDS)
    closed = await step(office, address, "/judgments/close", FIRST, {"text": "照片清楚，同意销号"})
    assert closed.json()["state"] == "closed"


async def test_each_takes_their_own_steps(office: Inspecting) -> None:
    address, row, _ = await raised(office)
    school, county = of_school(school=row["school_code"]), county_admin(row["county_code"])
    assert code_of(await step(office, address, "/judgments/close", school, WORDS)) == "auth.forbidden"
    assert code_of(await step(office, address, ":plan", CITY_ADMIN, PLAN)) == "auth.forbidden"
    # What the city found is the city's to judge.
    assert (
        code_of(await step(office, address, "/judgments/withdraw", county, {"text": "撤销这条问题"}))
        == "finding.not_yours"
    )
    assert code_of(await step(office, address, ":report", school, WORDS)) == "workflow.not_allowed"
    late = PLAN | {"done_by": (clock.today() + dt.timedelta(days=300)).isoformat()}
    assert code_of(await step(office, address, ":plan", school, late)) == "finding.promised_too_late"
    number = PLAN | {"text": "由990001200001010016负责更换"}
    assert code_of(await step(office, address, ":plan", school, number)) == "request.invalid"
    said = await office.post(f"{address}:comment", {"text": "厂家本周送货"}, school)
    assert said.json()["entries"][-1]["action"] == "comment"
    other = of_school(school=next(code for code in ("2199000001", "2199000002") if code != row["school_code"]))
    assert (await office.get(address, other)).status_code == 404


async def test_findings_are_raised_once_and_only_of_rated_visits(office: Inspecting) -> None:
    rows = await office.drawn()
    address = await office.plan_visit(rows[0])
    await office.post(f"{address}:start", who=FIRST)
    finding = f"/findings/{uuid.uuid4()}"
    assert code_of(await office.put(finding, body_of(address), FIRST)) == "finding.visit_not_rated"
    for person in (FIRST, SECOND):
        await office.rate(address, person, BAD, note="灭火器过期")
    assert code_of(await office.put(finding, body_of(address, item="small.order.none"), FIRST)) == "visit.item_unknown"
    assert (await office.put(finding, body_of(address), FIRST)).status_code == 201
    assert (await office.put(finding, body_of(address), FIRST)).status_code == 200
    other = body_of(address, description="另一个问题的描述")
    assert code_of(await office.put(finding, other, FIRST)) == "finding.id_taken"
    assert code_of(await office.put(finding, body_of(address), of_school())) == "auth.forbidden"


async def test_the_same_item_again_is_a_repeated_finding(office: Inspecting) -> None:
    first, _, visit = await raised(office)
    withdrawn = await step(office, first, "/judgments/withdraw", FIRST, {"text": "登记有误，撤销"})
    assert withdrawn.json()["state"] == "withdrawn"
    second = await raise_again(office, visit)
    assert (await office.get(second)).json()["repeat_count"] == 0
    third = (await office.get(await raise_again(office, visit))).json()
    assert (third["repeat_count"], third["repeats_id"]) == (1, second.removeprefix("/findings/"))


async def test_what_is_not_mended_in_time_is_handed_on(office: Inspecting) -> None:
    address, row, _ = await raised(office)
    database = Database(office.settings.database_url.get_secret_value())
    async with database.transaction(CITY) as session:
        await session.execute(sa.text("update findings set due_on = current_date - 9, owner_level = 'county'"))
    assert [each["is_overdue"] for each in (await office.get("/findings?overdue=true")).json()["items"]] == [True]
    async with database.transaction("") as session:
        assert await escalate_overdue(session, office.settings) == 1
        assert await escalate_overdue(session, office.settings) == 0
    handed_on = (await office.get(address)).json()
    assert (handed_on["state"], handed_on["owner_level"], handed_on["escalation_count"]) == ("escalated", "city", 1)
    assert handed_on["entries"][-1]["author_org"] == ""
    board = (await office.get("/finding-board", county_admin(row["county_code"]))).json()["items"]
    assert (board[0]["escalated"], board[0]["overdue"]) == (1, 0)
    planned = await step(office, address, ":plan", of_school(school=row["school_code"]), PLAN)
    assert planned.json()["state"] == "planned"
    with pytest.raises(sa.exc.DBAPIError, match="final"):
        async with database.transaction(CITY) as session:
            await session.execute(sa.text("update finding_entries set body = ''"))
    await database.close()
