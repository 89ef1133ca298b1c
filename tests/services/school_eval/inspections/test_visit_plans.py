"""Plans: frame, seed, draw in this order and once; replacements by the draw's own order; what has been covered."""

import hashlib
import json

import pytest
import sqlalchemy as sa

from shared.kernel.database.engine import Database
from tests.services.school_eval.inspections.inspecting import PLAN, SEEN, Inspecting, plan_body, semester
from tests.support.city import COUNTIES, SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
DRAW = {"seed": 7, "witnessed_by": "纪检组、督导室"}


async def test_a_plan_is_drawn_from_a_closed_frame_that_anybody_can_check(office: Inspecting) -> None:
    await office.ready()
    assert (await office.put(PLAN, plan_body())).status_code == 201
    assert code_of(await office.post(f"{PLAN}:draw", DRAW)) == "visit_plan.frame_open"
    async with office.working():
        job = await office.finished(await office.post(f"{PLAN}:close-frame"))
    assert (job["state"], job["result"]["schools"]) == ("succeeded", 6)
    text = (await office.get(f"{SEEN}/frame:download")).content
    assert hashlib.sha256(text).hexdigest() == job["result"]["frame_hash"]
    assert [json.loads(line)["unit_code"] for line in text.splitlines()] == sorted(SCHOOLS)
    assert code_of(await office.post(f"{PLAN}:draw", DRAW | {"frame_hash": "0" * 64})) == "visit_plan.frame_differs"
    drawn = await office.post(f"{PLAN}:draw", DRAW | {"frame_hash": job["result"]["frame_hash"]})
    assert drawn.json()["draw"]["numbers"] == {"certain": 1, "rural": 2, "other": 1}
    assert [ref["code"] for ref in drawn.json()["checklists"]] == ["small"]
    rows = (await office.get(f"{SEEN}/schools")).json()["items"]
    chosen = [row for row in rows if row["role"] == "drawn"]
    assert (len(rows), len(chosen), sum(row["is_rural"] for row in chosen)) == (6, 4, 2)
    assert sum(row["is_double_rated"] for row in chosen) == 1
    # Two of three village schools, one of two others, the city's own for certain.
    chances = {(row["stratum"], row["probability"]) for row in rows}
    assert chances == {("certain", 1.0), ("rural", 2 / 3), ("other", 1 / 2)}
    assert (await office.get(f"{SEEN}:verify")).json() == {"is_verified": True, "differences": []}


async def test_there_is_no_second_draw(office: Inspecting) -> None:
    await office.drawn()
    assert code_of(await office.post(f"{PLAN}:draw", DRAW)) == "visit_plan.already_drawn"
    assert code_of(await office.post(f"{PLAN}:close-frame")) == "visit_plan.already_drawn"
    changed = await office.put(PLAN, plan_body(schools=5), match=await office.get(SEEN))
    assert code_of(changed) == "visit_plan.already_drawn"
    database = Database(office.settings.database_url.get_secret_value())
    for statement in ("update visit_draws set seed = 1", "update planned_schools set probability = 1"):
        with pytest.raises(sa.exc.DBAPIError, match="final"):
            async with database.transaction("99/9900/") as session:
                await session.execute(sa.text(statement))
    await database.close()


async def test_a_school_that_cannot_be_visited_gives_way_to_the_next_of_the_reserve(office: Inspecting) -> None:
    rows = await office.drawn()
    rural = next(row for row in rows if row["stratum"] == "rural")
    reason = {"reason": "学校因洪灾停课"}
    taker = await office.post(f"{PLAN}/schools/{rural['school_code']}:replace", reason)
    assert (taker.json()["role"], taker.json()["is_rural"], taker.json()["reserve_order"]) == ("drawn", True, 1)
    again = await office.post(f"{PLAN}/schools/{rural['school_code']}:replace", reason)
    assert code_of(again) == "visit_plan.not_active"
    other = await office.post(f"{PLAN}/schools/{taker.json()['school_code']}:replace", reason)
    assert (other.json()["is_rural"], other.json()["is_double_rated"]) == (False, rural["is_double_rated"])
    third = await office.post(f"{PLAN}/schools/{other.json()['school_code']}:replace", reason)
    assert code_of(third) == "visit_plan.no_reserve"
    assert (await office.get(f"{SEEN}:verify")).json()["is_verified"]


async def test_designs_that_cannot_be_drawn_fail_with_their_reason(office: Inspecting) -> None:
    refused = {
        "visit_plan.too_few_schools": {"schools": 7},
        "visit_plan.schools_unknown": {"certain_schools": ["2199000009"]},
    }
    for version, (expected, change) in enumerate(refused.items()):
        assert (await office.put(PLAN, plan_body(**change), match=version)).status_code in (200, 201)
        async with office.working():
            job = await office.finished(await office.post(f"{PLAN}:close-frame"))
        assert (job["state"], job["problem"]["code"]) == ("failed", expected)
    odd = plan_body(school_year="2026-2028")
    assert code_of(await office.put("/visit-plans/own/odd", odd)) == "request.invalid"


async def test_a_plan_is_its_offices_alone(office: Inspecting) -> None:
    rows = await office.drawn()
    county = county_admin(rows[0]["county_code"])
    assert (await office.get(SEEN, county)).status_code == 404
    assert (await office.get("/visit-plans", county)).json()["items"] == []
    assert code_of(await office.get(SEEN, of_school())) == "auth.forbidden"
    assert code_of(await office.put(PLAN, plan_body(), of_school())) == "auth.forbidden"


async def test_coverage_counts_schools_visited_against_what_is_asked(office: Inspecting) -> None:
    rows = await office.drawn()
    before = (await office.get("/inspection-coverage")).json()
    quotas = {(each["quota"], each["organization"]): each for each in before["quotas"]}
    city = quotas["city_schools", "9900"]
    # A hundred are asked of a city that has six; six tenths of them rural is more than there are: all three.
    assert (city["schools"], city["needed"], city["rural_needed"], city["is_met"]) == (6, 6, 3, False)
    assert quotas["county_schools", COUNTIES[0]]["needed"] == 1
    assert [county["never_visited"] for county in before["counties"]] == [3, 3]
    visited = rows[0]
    ratings = {"small.order.timetable": 2, "small.order.fire": 1}
    await office.rated_visit(visited, *([ratings] * (2 if visited["is_double_rated"] else 1)))
    after = (await office.get("/inspection-coverage")).json()
    quotas = {(each["quota"], each["organization"]): each for each in after["quotas"]}
    assert quotas["city_schools", "9900"]["visited"] == 1
    # What the city visits is not the county's own merit.
    assert quotas["county_schools", visited["county_code"]]["visited"] == 0
    never = (await office.get("/inspection-coverage/schools?is_never_visited=true")).json()["items"]
    assert visited["school_code"] not in {row["school_code"] for row in never}
    assert len(never) == 5
    county = (await office.get("/inspection-coverage", county_admin(visited["county_code"]))).json()
    assert {each["quota"] for each in county["quotas"]} == {"county_schools"}
    assert county["semester"] == semester()
