"""When warnings are raised, kept, withdrawn and raised again; missing sheets; passed days."""

import asyncio
import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text

from services.monitoring.app import SERVICE
from services.monitoring.warnings.jobs import SWEEPS, escalate, warn_of_missing_sheets
from shared.kernel import clock
from tests.services.monitoring.factories import make_exam, put_sheet, set_state
from tests.services.monitoring.office import Office
from tests.services.monitoring.warnings.city import (
    CITY_ADMIN,
    COUNTY,
    DECLINING,
    HEAD,
    SCHOOLS,
    YEARS,
    People,
    code_of,
    evaluate,
    make_years,
    publish,
    settled,
    shifted,
    steady,
)
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
LAST = code_of(YEARS[-1])
TODAY = clock.now().astimezone(clock.CHINA).date()
DECLINE = "value_added_decline_two_years"


async def correct(office: Office, shift: int, *, year: str = YEARS[-1]) -> None:
    """Withdraws an exam, corrects the declining school's sheet and publishes again."""
    code = code_of(year)
    withdrawn = await office.post("withdraw", {"reason": "一所学校的成绩录入有误"}, exam=code)
    assert withdrawn.status_code == 201, withdrawn.text
    await put_sheet(office.kernel, DECLINING, shifted(DECLINING, shift, seed=YEARS.index(year)), code=code)
    await set_state(office.kernel, "sealed", code=code)
    await settled(office)
    await publish(office, code)
    await settled(office)


async def test_the_same_figures_give_the_same_warnings(warned_city: People) -> None:
    async def stored() -> list[Any]:
        async with warned_city.office.kernel.database.transaction("") as session:
            rows = await session.execute(text("select id, version, state, evidence::text from warnings order by id"))
            messages = await session.scalar(text("select count(*) from warning_messages"))
            return [*map(tuple, rows), messages]

    before = await stored()
    result = await evaluate(warned_city.office, LAST)
    assert {name: result[name] for name in ("raised", "raised_again", "changed", "withdrawn")} == {
        "raised": 0,
        "raised_again": 0,
        "changed": 0,
        "withdrawn": 0,
    }
    assert await stored() == before
    for who in (COUNTY, HEAD):
        assert (
            await warned_city.client.post(f"/exams/{LAST}/warnings:evaluate", headers=bearer(who))
        ).status_code == 403


async def test_exams_before_the_rules_raise_nothing(warned_city: People) -> None:
    assert {warning["exam"] for warning in await warned_city.listed()} == {LAST}


async def test_a_withdrawal_and_a_correction_withdraw_and_raise_again(years: Office) -> None:
    people = People(years)
    (raised,) = await people.listed(rule=DECLINE)
    await correct(years, 10)
    (after,) = await people.listed(rule=DECLINE)
    assert (after["id"], after["state"]) == (raised["id"], "withdrawn")
    thread = (await people.get(f"/warnings/{raised['id']}")).json()["messages"]
    assert [message["kind"] for message in thread] == ["raised", "withdrawn"]
    assert "撤回" in thread[-1]["text"]
    await correct(years, -81)
    (again,) = await people.listed(rule=DECLINE)
    assert (again["id"], again["state"], again["state_reason"]) == (raised["id"], "raised", None)


async def test_a_correction_of_an_earlier_year_reaches_the_warnings_that_rest_on_it(years: Office) -> None:
    people = People(years)
    await correct(years, 100, year=YEARS[1])
    (after,) = await people.listed(rule=DECLINE)
    assert after["state"] == "withdrawn"
    message = (await people.get(f"/warnings/{after['id']}")).json()["messages"][-1]
    assert "更正后不再成立" in message["text"]


async def test_a_year_without_results_breaks_the_run(office: Office) -> None:
    await make_years(office, years=(YEARS[0], YEARS[2]))
    assert await People(office).listed(rule=DECLINE) == []


async def test_what_people_closed_stays_closed(years: Office) -> None:
    people = People(years)
    (raised,) = await people.listed(rule=DECLINE)
    await people.step(raised["id"], "acknowledge", HEAD)
    await people.step(raised["id"], "respond", HEAD, text="录入错误，已申请更正。")
    await people.step(raised["id"], "accept", COUNTY, text="核查属实，同意更正。")
    await people.step(raised["id"], "close", COUNTY, text="成绩录入有误。", outcome="data_error")
    await correct(years, steady(DECLINING))
    (after,) = await people.listed(rule=DECLINE)
    assert (after["state"], after["outcome"]) == ("closed", "data_error")


async def test_missing_sheets_are_warned_of_once_and_late_ones_stay(office: Office) -> None:
    people = People(office)
    held = TODAY - dt.timedelta(days=11)
    await make_exam(office.kernel, SCHOOLS, code="late", state="collecting", held_on=held.isoformat())
    missing, late = "2199000003", "2199000005"
    async with office.kernel.database.transaction("") as session:
        on_time = "update mark_sheets set accepted_at = now() - interval '5 days'"
        await session.execute(text(on_time))
        await session.execute(
            text("delete from mark_sheets where school_code in (:one, :other)"), {"one": missing, "other": late}
        )
    assert {sweep.name for sweep in SWEEPS} <= {sweep.name for sweep in SERVICE.sweeps}
    async with office.kernel.database.transaction("") as session:
        assert await warn_of_missing_sheets(session) == 2
    await put_sheet(office.kernel, SCHOOLS[late], shifted(SCHOOLS[late], 0), code="late")
    async with office.kernel.database.transaction("") as session:
        assert await warn_of_missing_sheets(session) == 0
    found = {warning["school_code"]: warning for warning in await people.listed(rule="missing_sheet")}
    assert sorted(found) == [missing, late]
    shown = (await people.get(f"/warnings/{found[late]['id']}", CITY_ADMIN)).json()
    assert shown["evidence"]["received_on"] == TODAY.isoformat()
    assert shown["evidence"]["due_on"] == (held + dt.timedelta(days=10)).isoformat()
    assert [message["kind"] for message in shown["messages"]] == ["raised", "figures_changed"]
    assert (await people.get(f"/warnings/{found[missing]['id']}", HEAD)).json()["evidence"]["received_on"] is None


async def test_two_sweeps_at_once_raise_each_warning_once(office: Office) -> None:
    held = (TODAY - dt.timedelta(days=30)).isoformat()
    await make_exam(office.kernel, SCHOOLS, code="late", state="collecting", held_on=held)
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("delete from mark_sheets"))

    async def sweep() -> int:
        async with office.kernel.database.transaction("") as session:
            return await warn_of_missing_sheets(session)

    assert sum(await asyncio.gather(*(sweep() for _ in range(4)))) == len(SCHOOLS)
    assert len(await People(office).listed(rule="missing_sheet")) == len(SCHOOLS)


async def test_what_is_not_answered_in_time_goes_up_level_by_level(office: Office) -> None:
    people = People(office)
    held = TODAY - dt.timedelta(days=30)
    await make_exam(office.kernel, SCHOOLS, code="late", state="collecting", held_on=held.isoformat())
    async with office.kernel.database.transaction("") as session:
        await session.execute(text("delete from mark_sheets where school_code = :one"), {"one": DECLINING.code})
        await session.execute(text("update mark_sheets set accepted_at = now() - interval '29 days'"))
    async with office.kernel.database.transaction("") as session:
        assert await warn_of_missing_sheets(session) == 1
    (warning,) = await people.listed(HEAD)
    for owner in ("county", "city", "city"):
        async with office.kernel.database.transaction("") as session:
            assert await escalate(session) == 0  # its day has not passed
            await session.execute(text("update warnings set due_on = :day"), {"day": TODAY - dt.timedelta(days=1)})
        assert len(await people.listed(overdue="true")) == 1
        async with office.kernel.database.transaction("") as session:
            handed_on = await escalate(session)
        (now,) = await people.listed(COUNTY)
        assert (now["owner"], now["state"]) == (owner, "escalated")
        assert handed_on == (0 if now["is_overdue"] else 1)
    # The school may still answer; whoever owns it now acknowledges.
    assert (await people.step(warning["id"], "acknowledge", HEAD)).status_code == 403
    assert (await people.step(warning["id"], "respond", HEAD, text="设备故障，今日补报。")).json()[
        "state"
    ] == "responded"
    assert (await people.step(warning["id"], "accept", COUNTY, text="情况属实，同意。")).json()["state"] == "accepted"
