"""The whole path: a county's pool to schools, to staff, a late appeal, the ledger, the next payroll; the sum to the fen."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.teacher_eval.app import SERVICE
from shared.kernel.database.engine import Database
from shared.terms.actor import Actor, Role
from tests.services.teacher_eval.pay.paying import (
    COUNTY_OFFICE,
    HEAD,
    attach_minutes,
    checked,
    confirmed,
    finished,
    member,
    plan,
    pool,
    put_members,
    staff_key,
    step,
    teacher,
    unpacked,
)
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, World, code_of, of_school

pytestmark = pytest.mark.anyio
OURS = sorted(code for code, county in SCHOOLS.items() if county == COUNTY)
AMOUNT = 100_000_001
SHARES: list[dict[str, Any]] = [
    {"school_code": OURS[0], "headcount": "3", "coefficient": "1.2"},
    {"school_code": OURS[1], "headcount": "2"},
    {"school_code": OURS[2], "headcount": "1", "floor_fen": 20_000_000},
]


async def distribute(world: World, code: str = "county", shares: Any = None, **options: Any) -> Any:
    """The county shares its pool."""
    body = {"document": "县教通〔2026〕2号", "schools": shares or SHARES}
    return await world.post(f"/pay-pools/{code}:distribute", body, COUNTY_OFFICE, **options)


async def county_pool(world: World, code: str = "county", **changes: Any) -> None:
    """The county's own pool."""
    answer = await world.put(f"/pay-pools/{code}", pool(AMOUNT, organization=COUNTY, **changes), COUNTY_OFFICE)
    assert answer.status_code == 201, answer.text


async def amounts(world: World, run_id: str, who: Actor = HEAD) -> dict[str, int]:
    """What everybody is paid, by person."""
    answer = await world.get(f"/pay-runs/{run_id}/people", who)
    return {each["staff_key"]: each["amount"]["fen"] for each in answer.json()["items"]}


async def test_a_countys_pool_goes_to_its_schools_to_the_fen(world: World, tmp_path: Path) -> None:
    await county_pool(world)
    tried = await distribute(world, params={"dry_run": "true"})
    assert (tried.status_code, tried.json()["is_dry_run"]) == (200, True)
    assert (await world.get(f"/pay-pools/county-{OURS[0]}", COUNTY_OFFICE)).status_code == 404
    made = (await distribute(world)).json()
    assert made["amount"]["fen"] == made["distributed"]["fen"] == AMOUNT
    assert made["schools"][2]["amount"]["fen"] == 20_000_000
    for school in made["schools"]:
        own = (await world.get(f"/pay-pools/county-{school['school_code']}", COUNTY_OFFICE)).json()
        assert own["amount"] == school["amount"]
        assert (own["source_pool"], own["amounts"][0]["is_from_distribution"]) == ("county", True)
    unpacked((await world.get("/pay-pools/county/distributions/1/bundle", COUNTY_OFFICE)).content, tmp_path)
    assert checked(tmp_path) == 0
    seen = await world.get(f"/pay-pools/county-{SCHOOL}", teacher(1))
    assert seen.json()["source_pool"] == "county"
    assert (await world.get("/pay-pools/county", HEAD)).status_code == 404


async def test_a_distribution_is_superseded_until_a_school_pays(world: World) -> None:
    await county_pool(world)
    await distribute(world)
    fewer = (await distribute(world, shares=SHARES[:2])).json()
    assert (fewer["number"], fewer["distributed"]["fen"]) == (2, AMOUNT)
    left_out = (await world.get(f"/pay-pools/county-{OURS[2]}", COUNTY_OFFICE)).json()
    assert (left_out["amount"]["fen"], left_out["amount_number"]) == (0, 2)
    code = f"county-{SCHOOL}"
    await put_members(world, [member()], code=code)
    await confirmed(world, code=code)
    late = await distribute(world)
    assert code_of(late) == "pay_pool.schools_in_payment"
    assert SCHOOL in late.json()["detail"]
    assert len((await world.get("/pay-pools/county/distributions", COUNTY_OFFICE)).json()["items"]) == 2


async def test_floors_above_a_countys_pool_are_refused_with_the_figures(world: World) -> None:
    await county_pool(world)
    shares = [{**each, "floor_fen": 50_000_000} for each in SHARES]
    answer = await distribute(world, shares=shares)
    assert code_of(answer) == "pay_pool.not_shared"
    (fault,) = answer.json()["errors"]
    assert fault["code"] == "pay_clash.floors_above_money"
    assert "1500000.00" in fault["detail"]
    assert "1000000.01" in fault["detail"]
    twice = await distribute(world, shares=[SHARES[0], SHARES[0]])
    assert code_of(twice) == "pay_pool.schools_unknown"


async def test_every_school_of_a_county_is_computed_at_once(world: World) -> None:
    await county_pool(world)
    await distribute(world)
    code = f"county-{SCHOOL}"
    await put_members(world, [member("80"), member("90")], code=code)
    plan_id = await draft_and_file(world, code)
    job = await step(world, "pay-runs:compute-all", {"pool": "county"}, COUNTY_OFFICE)
    done = await finished(world, job, dataclasses.replace(SERVICE), COUNTY_OFFICE)
    assert [each["school"] for each in done["computed"]] == [SCHOOL]
    assert {each["code"] for each in done["refused"]} == {"pay_plan.not_filed"}
    (run,) = (await world.get("/pay-runs", HEAD)).json()["items"]
    assert (run["plan"], run["paid"]["fen"]) == (plan_id, run["amount"]["fen"])


async def draft_and_file(world: World, code: str) -> str:
    """A filed plan's id."""
    answer = await world.post("/pay-plans", plan(), HEAD)
    plan_id = str(answer.json()["id"])
    await step(world, f"pay-plans/{plan_id}:check")
    await step(world, f"pay-pools/{code}/scenarios", {"name": "测算", "plans": [plan_id]})
    await attach_minutes(world, plan_id)
    bare = {"held_on": "2026-01-10", "entitled": 90, "present": 50, "in_favor": 50}
    assert code_of(await world.post(f"/pay-plans/{plan_id}:pass", bare, HEAD)) == "pay_plan.vote_refused"
    await step(world, f"pay-plans/{plan_id}:pass", {**bare, "present": 80, "in_favor": 70})
    filed = await step(world, f"pay-plans/{plan_id}:file", {"receipt": "备案〔2026〕3号"}, COUNTY_OFFICE)
    assert [each["action"] for each in filed["steps"]] == ["drafted", "checked", "simulated", "passed", "filed"]
    return plan_id


async def test_from_the_countys_pool_to_the_next_payroll(world: World) -> None:
    await county_pool(world)
    made = (await distribute(world)).json()
    assert sum(each["amount"]["fen"] for each in made["schools"]) == AMOUNT
    code = f"county-{SCHOOL}"
    ours = next(each["amount"]["fen"] for each in made["schools"] if each["school_code"] == SCHOOL)
    await put_members(world, [member("80"), member("90"), member("70")], code=code)
    run_id = await confirmed(world, code=code)
    await step(world, f"pay-runs/{run_id}:publish")
    paid_on = {"paid_on": "2026-02-01", "reference": "国库支付2026-0201"}
    await step(world, f"pay-runs/{run_id}:pay", paid_on)
    first = await amounts(world, run_id)
    assert sum(first.values()) == ours

    # A late appeal: the points of person 1 should have been 90.
    appeals = f"/pay-runs/{run_id}/people/{staff_key(1)}/appeals"
    stranger = await world.post(appeals, {"grounds": "代他人提出的申诉内容"}, teacher(2))
    assert stranger.status_code == 404
    grounds = {"grounds": "公开课记录漏记，考核应为90分", "points": ["total"]}
    appeal = await world.post(appeals, grounds, teacher(1))
    assert appeal.status_code == 201, appeal.text
    one = f"{appeals}/{appeal.json()['id']}"
    await _ok(world, f"{one}:accept", {"body": "材料齐全，予以受理"}, HEAD)
    ruling = {"outcome": "upheld", "body": "经核实漏记属实", "effect": {"points": {"total": "90"}}}
    ruled = await _ok(world, f"{one}:rule", ruling, HEAD)
    owed = ruled["applied"]["amount_fen"]
    assert owed == round(ours * 90 / 250) - first[staff_key(1)]
    assert await amounts(world, run_id) == first
    mine = (await world.get(f"/pay-runs/{run_id}/mine", teacher(1))).json()
    assert mine["corrections"]["fen"] == owed
    balances = f"/pay-ledger/{COUNTY}-{SCHOOL}/balances/incentive"
    open_now = (await world.get(balances, HEAD)).json()
    assert [(each["staff_key"], each["balance"]["fen"]) for each in open_now["items"]] == [(staff_key(1), owed)]
    assert (open_now["accounts"]["next_pool"]["fen"], open_now["total"]["fen"]) == (-owed, 0)

    # A mistake found by the school itself, taken from the others of the payment.
    correction = {
        "staff_key": staff_key(3),
        "reason": "考勤统计更正",
        "effect": {"amount_fen": 1_001, "against": "others"},
    }
    booked = await _ok(world, f"/pay-runs/{run_id}/corrections", correction, HEAD)
    assert booked["entries"] == 3
    assert (await world.get(balances, HEAD)).json()["total"]["fen"] == 0
    own = (await world.get("/pay-ledger/mine", teacher(3))).json()
    assert own["balance"]["fen"] == 1_001

    database = Database(world.settings.database_url.get_secret_value())
    for table in ("pay_entries", "pay_pool_amounts", "pay_distributions"):
        with pytest.raises(DBAPIError, match=f"a row of {table} is final"):
            async with database.transaction("") as session:
                await session.execute(text(f"delete from {table}"))  # noqa: S608 - our own names
    await database.close()

    # The next term carries the balances as a fixed item and is even with them.
    later = {"first_month": "2026-02", "last_month": "2026-06"}
    await county_pool(world, "spring", **later)
    again = (await distribute(world, "spring")).json()
    ours = next(each["amount"]["fen"] for each in again["schools"] if each["school_code"] == SCHOOL)
    await put_members(world, [member("80"), member("80"), member("80")], code=f"spring-{SCHOOL}")
    second = await confirmed(world, code=f"spring-{SCHOOL}")
    run = (await world.get(f"/pay-runs/{second}", HEAD)).json()
    assert run["comparison"]["baseline"] == f"run:{code}"
    assert {each["code"]: each["amount"]["fen"] for each in run["parts"]}["adjustment"] == owed
    await step(world, f"pay-runs/{second}:publish")
    paid = await amounts(world, second)
    assert sum(paid.values()) == ours
    even = (ours - owed) / 3
    assert abs(paid[staff_key(3)] - even - 1_001) < 2
    settled = (await world.get(balances, HEAD)).json()
    assert (settled["items"], settled["total"]["fen"]) == ([], 0)
    payroll = await world.get(f"/pay-runs/{second}/payroll", HEAD)
    frame = pl.read_excel(io.BytesIO(payroll.content))
    assert round(frame["合计"].to_list()[-1] * 100) == ours
    totals = (await world.get("/pay-totals/2025-2026", COUNTY_OFFICE)).json()["items"]
    assert {each["level"]: each["amount"]["fen"] for each in totals} == {"county": 2 * AMOUNT, "school": 2 * AMOUNT}


async def test_an_appeal_is_the_persons_and_nobody_else_reads_it(world: World) -> None:
    await county_pool(world)
    await distribute(world)
    code = f"county-{SCHOOL}"
    await put_members(world, [member("80"), member("90")], code=code)
    run_id = await confirmed(world, code=code)
    appeals = f"/pay-runs/{run_id}/people/{staff_key(1)}/appeals"
    early = await world.post(appeals, {"grounds": "尚未公布就提出的申诉"}, teacher(1))
    assert code_of(early) == "pay_ledger.not_appealable"
    before = {"staff_key": staff_key(1), "reason": "公布前的更正", "effect": {"amount_fen": 100}}
    assert code_of(await world.post(f"/pay-runs/{run_id}/corrections", before, HEAD)) == "pay_ledger.not_paid"
    await step(world, f"pay-runs/{run_id}:publish")
    appeal = await world.post(appeals, {"grounds": "请核对我的考核得分"}, teacher(1))
    one = f"{appeals}/{appeal.json()['id']}"
    assert (await world.get(one, teacher(2))).status_code == 404
    assert (await world.get(one, of_school(Role.SCHOOL_ADMIN, OURS[1]))).status_code == 404
    assert len((await world.get(f"/pay-runs/{run_id}/appeals", HEAD)).json()["items"]) == 1
    await _ok(world, f"{one}:accept", {"body": "材料齐全，予以受理"}, HEAD)
    for effect, fault in (
        ({"amount_fen": 1, "points": {"total": "90"}}, "request.invalid"),
        ({"points": {"unheard_of": "90"}}, "pay_ledger.figure_unknown"),
        ({"points": {"total": "80"}}, "pay_ledger.nothing_to_book"),
    ):
        body = {"outcome": "upheld", "body": "经核实确有遗漏", "effect": effect}
        assert code_of(await world.post(f"{one}:rule", body, HEAD)) == fault
    unknown = {"staff_key": staff_key(7), "reason": "不在名单的人", "effect": {"amount_fen": 100}}
    assert code_of(await world.post(f"/pay-runs/{run_id}/corrections", unknown, HEAD)) == "pay_ledger.person_unknown"


async def _ok(world: World, path: str, body: Any, who: Actor) -> dict[str, Any]:
    answer = await world.post(path, body, who)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found
