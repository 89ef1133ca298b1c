"""People of a pool: from the roster and from files, by months, and never paid twice for one month."""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from services.teacher_eval.pay_members.rules import MonthRule, Stay, month_shares, overlaps
from services.teacher_eval.staff_register.tables import RegisteredStaff
from shared.contracts.roster import STAFF_SCHEMA, FakeRoster, School
from shared.kernel import clock
from shared.kernel.database.engine import Database
from tests.services.teacher_eval.pay.paying import (
    COUNTY_OFFICE,
    HEAD,
    POOL,
    draft,
    faults,
    finished,
    member,
    plan,
    pool,
    put_members,
    set_pool,
    staff_key,
    step,
    teacher,
    with_roster,
)
from tests.support.city import COUNTY, SCHOOL, World, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
OTHER = "2199000002"
MEMBERS = f"/pay-pools/{POOL}/members"
CSV = {"Content-Type": "text/csv"}


async def other_pool(world: World) -> str:
    """A pool of a school in another county, and its code."""
    body = pool(organization=f"990001-{OTHER}")
    answer = await world.put("/pay-pools/other", body, county_admin("990001"))
    assert answer.status_code == 201, answer.text
    return "other"


async def send(world: World, text: str, query: str = "", who: Any = HEAD) -> Any:
    """A file of people."""
    return await world.ask("POST", f"{MEMBERS}:import{query}", who, content=text.encode(), headers=CSV)


@pytest.mark.parametrize(
    ("stay", "rule", "expected"),
    [
        (Stay(), MonthRule.DAYS, {"2025-11": "1", "2025-12": "1"}),
        ("2025-12-17", MonthRule.DAYS, {"2025-12": "0.4839"}),
        ("2025-12-17", MonthRule.HALF_MONTH, {}),
        ("2025-12-16", MonthRule.HALF_MONTH, {"2025-12": "1"}),
    ],
)
def test_part_of_a_month_counts_by_the_rule(stay: Any, rule: MonthRule, expected: dict[str, str]) -> None:
    made = stay if isinstance(stay, Stay) else Stay(joined_on=dt.date.fromisoformat(stay))
    assert month_shares("2025-11", "2025-12", made, rule) == expected


def test_leave_and_half_time_are_taken_off() -> None:
    made = Stay(leave_from=dt.date(2025, 11, 1), leave_to=dt.date(2025, 11, 15), time_share=Decimal("0.5"))
    assert month_shares("2025-11", "2025-12", made, MonthRule.DAYS) == {"2025-11": "0.25", "2025-12": "0.5"}


def test_an_overlap_tells_the_first_month_and_what_is_free() -> None:
    wanted = {"a": {"2025-11": "0.5", "2025-12": "0.6"}, "b": {"2025-11": "1"}}
    taken = {"a": {"2025-11": Decimal("0.5"), "2025-12": Decimal("0.5")}}
    (found,) = overlaps(wanted, taken)
    assert (found.staff_key, found.month, found.free, found.wanted) == ("a", "2025-12", Decimal("0.5"), Decimal("0.6"))


async def test_a_person_of_two_schools_is_paid_for_the_whole_of_a_month_at_the_most(world: World) -> None:
    await set_pool(world)
    other = await other_pool(world)
    head = of_school(school=OTHER)
    await put_members(world, [member(stay={"time_share": "0.6"})], code=other, who=head)
    answer = await world.put(f"{MEMBERS}/{staff_key(1)}", member(), HEAD)
    assert code_of(answer) == "pay_member.above_whole"
    detail = answer.json()["detail"]
    assert "40%" in detail
    assert "2025-09" in detail
    assert OTHER not in answer.text
    fits = await world.put(f"{MEMBERS}/{staff_key(1)}", member(stay={"time_share": "0.4"}), HEAD)
    assert (fits.status_code, fits.json()["months_present"]) == (201, "2")


async def test_a_transfer_by_dates_splits_the_months(world: World) -> None:
    await set_pool(world)
    other = await other_pool(world)
    await put_members(world, [member(stay={"left_on": "2025-11-30"})], code=other, who=of_school(school=OTHER))
    answer = await world.put(f"{MEMBERS}/{staff_key(1)}", member(stay={"joined_on": "2025-12-01"}), HEAD)
    assert answer.json()["months"] == {"2025-12": "1", "2026-01": "1"}


async def test_who_stands_outside_elsewhere_takes_nothing_there(world: World) -> None:
    await set_pool(world)
    other = await other_pool(world)
    seconded = member(exclusion="seconded", exclusion_reason="借调到县教育局")
    await put_members(world, [seconded], code=other, who=of_school(school=OTHER))
    assert (await world.put(f"{MEMBERS}/{staff_key(1)}", member(), HEAD)).status_code == 201


async def test_a_file_is_taken_whole_and_its_faulty_rows_are_named(world: World) -> None:
    await set_pool(world)
    plan_id = await draft(world, plan())
    good = f"{staff_key(1)},21,2025-11-01,88.5"
    bad = f"{staff_key(2)},22,昨天,91\n,22,,90\n{staff_key(1)},21,,80\n{staff_key(3)},21,,-1"
    head = "人员代号,岗位,到岗日期,年度考核得分\n"
    refused = await send(world, f"{head}{good}\n{bad}\n", f"?plan={plan_id}")
    assert code_of(refused) == "pay_member.file_refused"
    rows = {each["row"]: each["code"] for each in refused.json()["errors"]}
    assert rows[4] == "pay_member.key_missing"
    assert rows[5] == "row.duplicate"
    assert rows[6] == "pay_member.figure_outside"
    assert set(rows) == {3, 4, 5, 6}
    assert (await world.get(MEMBERS, HEAD)).json()["items"] == []
    some = await send(world, f"{head}{good}\n{bad}\n", f"?plan={plan_id}&atomic=row")
    assert (some.json()["created"], some.json()["refused"]) == (1, 4)
    (kept,) = (await world.get(MEMBERS, HEAD)).json()["items"]
    assert (kept["points"], kept["post"], kept["months_present"]) == ({"total": "88.5"}, "21", "3")


async def test_what_a_file_does_not_say_stays(world: World) -> None:
    await set_pool(world)
    plan_id = await draft(world, plan())
    await put_members(world, [member("80", post="22", counts={"lessons": "12"})])
    dry = await send(world, f"人员代号,年度考核得分\n{staff_key(1)},85\n", f"?plan={plan_id}&dry_run=true")
    assert dry.json()["changed"] == 1
    (before,) = (await world.get(MEMBERS, HEAD)).json()["items"]
    assert before["points"] == {"total": "80"}
    done = await send(world, f"人员代号,年度考核得分\n{staff_key(1)},85\n", f"?plan={plan_id}")
    again = await send(world, f"人员代号,年度考核得分\n{staff_key(1)},85\n", f"?plan={plan_id}")
    assert (done.json()["changed"], again.json()["unchanged"]) == (1, 1)
    (after,) = (await world.get(MEMBERS, HEAD)).json()["items"]
    assert (after["points"], after["post"], after["counts"]) == ({"total": "85"}, "22", {"lessons": "12"})


async def test_a_row_that_takes_a_month_twice_is_named_and_the_rest_is_taken(world: World) -> None:
    await set_pool(world)
    other = await other_pool(world)
    await put_members(world, [member()], code=other, who=of_school(school=OTHER))
    text = f"人员代号,岗位\n{staff_key(1)},22\n{staff_key(2)},22\n"
    whole = await send(world, text)
    assert faults(whole) == ["pay_member.month_taken"]
    some = await send(world, text, "?atomic=row")
    assert some.json()["refused"] == 1
    assert [each["staff_key"] for each in (await world.get(MEMBERS, HEAD)).json()["items"]] == [staff_key(2)]


async def test_citizen_numbers_end_at_the_door(world: World) -> None:
    await set_pool(world)
    answer = await send(world, "公民身份号码,岗位\n990001199001011234,22\n")
    assert faults(answer) == ["identity.check_character"]
    assert "990001199001011234" not in answer.text


async def test_a_template_holds_who_is_known_and_what_the_plan_asks(world: World) -> None:
    await set_pool(world)
    plan_id = await draft(world, plan())
    await put_members(world, [member()])
    answer = await world.get(f"{MEMBERS}/template?plan={plan_id}&format=csv", HEAD)
    header, row = answer.content.decode("utf-8-sig").splitlines()[:2]
    assert "年度考核得分" in header
    assert row.startswith(staff_key(1))


async def test_people_are_shown_by_name_where_the_register_knows_them(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member(), member()])
    database = Database(world.settings.database_url.get_secret_value())
    async with database.transaction(HEAD.org) as session:
        known = {"staff_key": staff_key(1), "name": "测试甲", "school_code": SCHOOL, "school_name_zh": "测试学校"}
        place = {
            "county_code": COUNTY,
            "stages": "primary",
            "is_active": True,
            "seen_at": clock.now(),
            "org_path": HEAD.org,
        }
        session.add(RegisteredStaff(**known, **place))
    await database.close()
    assert [each["name"] for each in (await world.get(MEMBERS, HEAD)).json()["items"]] == ["测试甲", None]
    filled = (await world.get(f"{MEMBERS}/template?format=csv", HEAD)).content.decode("utf-8-sig")
    assert filled.splitlines()[1].startswith(f"{staff_key(1)},测试甲,")
    # The file goes back as it came: the name is for people to read.
    assert (await send(world, filled)).status_code == 200


async def test_figures_are_found_by_their_plain_names(world: World) -> None:
    await set_pool(world)
    plan_id = await draft(world, plan())
    answer = await send(world, f"人员代号,total\n{staff_key(1)},80\n", query=f"?plan={plan_id}")
    assert answer.status_code == 200, answer.text
    (person,) = (await world.get(MEMBERS, HEAD)).json()["items"]
    assert person["points"] == {"total": "80"}


async def test_removing_needs_a_reason_and_standing_outside_too(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member()])
    assert faults(await world.put(f"{MEMBERS}/{staff_key(1)}", member(exclusion="retired"), HEAD)) == [
        "pay_member.reason_of_exclusion"
    ]
    gone = await world.post(f"{MEMBERS}/{staff_key(1)}:remove", {"reason": "误录入的外校人员"}, HEAD)
    assert gone.status_code == 204
    assert (await world.get(MEMBERS, HEAD)).json()["items"] == []


async def test_a_countys_pool_has_no_people(world: World) -> None:
    await set_pool(world, pool(organization=COUNTY), code="county")
    answer = await world.post("/pay-pools/county/members:from-roster", {}, HEAD)
    assert answer.status_code == 404
    assert (await world.put(f"{MEMBERS}/{staff_key(1)}", member(), COUNTY_OFFICE)).status_code == 403
    assert (await world.put(f"{MEMBERS}/{staff_key(1)}", member(), teacher(1))).status_code == 403


async def test_points_that_are_not_confirmed_yet_are_not_taken(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member()])
    answer = await world.post(f"{MEMBERS}:points", {"cycle": "2026"}, HEAD)
    assert code_of(answer) == "pay_member.evaluation_unknown"


async def test_the_roster_adds_who_is_missing_and_touches_nobody(world: World) -> None:
    await set_pool(world)
    await put_members(world, [member("77")])
    staff = pl.DataFrame(
        [
            {"staff_key": staff_key(number), "school_code": SCHOOL, "county_code": COUNTY, "status": "active"}
            | {"name": "测试", "sex": "1", "birth_year": 1980 + number, "post": "10", "professional_title": "first"}
            for number in (1, 2, 3)
        ]
    ).with_columns(staffing_category=pl.lit("1"), education_level=pl.lit(None, pl.String))
    school = School(SCHOOL, "测试小学", COUNTY, "211", ("primary",), urban_rural="220")
    roster = FakeRoster([school], staff=staff.select(pl.col(name).cast(kind) for name, kind in STAFF_SCHEMA.items()))
    job = await step(world, f"pay-pools/{POOL}/members:from-roster", {})
    done = await finished(world, job, with_roster(roster))
    assert (done["added"], done["known"], done["above_whole"]) == (2, 1, [])
    items = {each["staff_key"]: each for each in (await world.get(MEMBERS, HEAD)).json()["items"]}
    assert items[staff_key(1)]["points"] == {"total": "77"}
    assert items[staff_key(2)]["attributes"] == {"age_band": "40_49", "stage": "primary", "urban_rural": "220"}
