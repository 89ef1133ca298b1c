"""A plan is adopted, its milestones are reported and judged, each by those whose step it is."""

import datetime as dt

import pytest

from shared.kernel import clock
from shared.terms.actor import Role
from tests.support.city import (
    CITY_ADMIN,
    CITY_COLLEAGUE,
    COUNTIES,
    COUNTY,
    SCHOOL,
    World,
    code_of,
    county_admin,
    of_school,
)

pytestmark = pytest.mark.anyio
PLAN = "/action-plans/bijie_2023_2028"
MILESTONE = {
    "measure": "m7",
    "task": "t17",
    "name": "推出首批县域优质学校",
    "responsible_office": "基教股",
    "due_on": "2026-06-30",
}
TODAY = clock.now().astimezone(clock.CHINA).date()


@pytest.fixture
async def adopted(world: World) -> World:
    answer = await world.post(f"{PLAN}:adopt")
    assert answer.status_code == 201, answer.text
    return world


async def test_the_built_in_plan_has_ten_measures(adopted: World) -> None:
    plan = (await adopted.get(PLAN, of_school(Role.SCHOOL_OPERATOR))).json()
    assert [measure["code"] for measure in plan["measures"]] == [f"m{n}" for n in range(1, 11)]
    assert plan["verified"] is False
    tasks = [task["code"] for measure in plan["measures"] for task in measure["tasks"]]
    assert tasks == [f"t{n}" for n in range(1, 19)]


async def test_adopting_again_keeps_what_the_office_made_of_it(adopted: World) -> None:
    plan = await adopted.get(PLAN)
    body = {name: value for name, value in plan.json().items() if name not in ("code", "org_path", "version")}
    body["document"] = "毕教通〔2027〕1号"
    assert (await adopted.put(PLAN, body, match=plan)).status_code == 200
    again = await adopted.post(f"{PLAN}:adopt")
    assert (again.status_code, again.json()["document"]) == (200, "毕教通〔2027〕1号")


async def test_only_the_city_writes_plans(world: World) -> None:
    assert code_of(await world.post(f"{PLAN}:adopt", who=county_admin())) == "auth.forbidden"
    assert (await world.post("/action-plans/unknown:adopt")).status_code == 404


async def test_a_milestone_is_reported_below_and_confirmed_above(adopted: World) -> None:
    path = f"{PLAN}/milestones/{COUNTY}/first"
    made = await adopted.put(path, MILESTONE, county_admin())
    assert (made.status_code, made.json()["state"], made.json()["is_overdue"]) == (201, "planned", True)
    assert made.json()["actions"] == ["report", "cancel"]
    reported = await adopted.post(
        f"{path}:report", {"text": "三所学校已授牌", "reached_on": "2026-06-01"}, county_admin(), match=made
    )
    assert reported.json()["state"] == "reported"
    assert (
        code_of(await adopted.post(f"{path}:confirm", {"text": "同意"}, county_admin(), match=reported))
        == "milestone.own_report"
    )
    confirmed = await adopted.post(f"{path}:confirm", {"text": "同意"}, match=reported)
    assert (confirmed.json()["state"], confirmed.json()["reached_on"]) == ("reached", "2026-06-01")
    assert [entry["action"] for entry in confirmed.json()["entries"]] == ["report", "confirm"]
    assert code_of(await adopted.put(path, MILESTONE, county_admin(), match=confirmed)) == "milestone.over"


async def test_a_milestone_of_the_city_is_confirmed_by_a_colleague(adopted: World) -> None:
    path = f"{PLAN}/milestones/9900/own"
    made = await adopted.put(path, MILESTONE)
    reported = await adopted.post(f"{path}:report", {"text": "完成"}, match=made)
    assert "confirm" not in reported.json()["actions"]
    assert code_of(await adopted.post(f"{path}:confirm", {"text": "同意"}, match=reported)) == "milestone.own_report"
    returned = await adopted.post(f"{path}:return", {"text": "缺佐证材料"}, CITY_COLLEAGUE, match=reported)
    assert (returned.status_code, returned.json()["state"]) == (200, "returned")


async def test_a_report_lies_in_the_past(adopted: World) -> None:
    path = f"{PLAN}/milestones/{COUNTY}/first"
    made = await adopted.put(path, MILESTONE, county_admin())
    tomorrow = (TODAY + dt.timedelta(days=1)).isoformat()
    answer = await adopted.post(f"{path}:report", {"text": "完成", "reached_on": tomorrow}, county_admin(), match=made)
    assert code_of(answer) == "milestone.reached_later"


async def test_edits_name_the_version_they_saw(adopted: World) -> None:
    path = f"{PLAN}/milestones/{COUNTY}/first"
    await adopted.put(path, MILESTONE, county_admin())
    assert code_of(await adopted.put(path, MILESTONE, county_admin())) == "request.precondition_required"
    assert code_of(await adopted.put(path, MILESTONE, county_admin(), match=7)) == "request.precondition_failed"


async def test_counties_do_not_see_each_other(adopted: World) -> None:
    path = f"{PLAN}/milestones/{COUNTY}/first"
    await adopted.put(path, MILESTONE, county_admin())
    other = county_admin(next(code for code in COUNTIES if code != COUNTY))
    assert (await adopted.get(path, other)).status_code == 404
    assert (await adopted.get(f"{PLAN}/milestones", other)).json()["items"] == []
    assert code_of(await adopted.put(path, MILESTONE, other)) == "milestone.elsewhere"


async def test_milestones_stand_on_measures_of_the_plan(adopted: World) -> None:
    wrong = MILESTONE | {"task": "t1"}
    answer = await adopted.put(f"{PLAN}/milestones/{COUNTY}/first", wrong, county_admin())
    assert code_of(answer) == "action_plan.measure_unknown"


async def test_a_used_measure_cannot_be_left_out(adopted: World) -> None:
    await adopted.put(f"{PLAN}/milestones/{COUNTY}/first", MILESTONE, county_admin())
    plan = await adopted.get(PLAN)
    body = {name: value for name, value in plan.json().items() if name not in ("code", "org_path", "version")}
    body["measures"] = [measure for measure in body["measures"] if measure["code"] != "m7"]
    refused = await adopted.put(PLAN, body, match=plan)
    assert code_of(refused) == "action_plan.measure_in_use"
    assert "m7" in refused.json()["detail"]


async def test_progress_counts_by_measure(adopted: World) -> None:
    school = f"{COUNTY}-{SCHOOL}"
    await adopted.put(f"{PLAN}/milestones/{COUNTY}/first", MILESTONE, county_admin())
    await adopted.put(f"{PLAN}/milestones/{school}/own", MILESTONE | {"due_on": "2028-01-01"}, county_admin())
    measures = {row["measure"]: row for row in (await adopted.get(f"{PLAN}/progress", CITY_ADMIN)).json()["measures"]}
    assert (measures["m7"]["planned"], measures["m7"]["overdue"], measures["m1"]["planned"]) == (2, 1, 0)
    own = {row["measure"]: row for row in (await adopted.get(f"{PLAN}/progress", of_school())).json()["measures"]}
    assert own["m7"]["planned"] == 1


async def test_late_milestones_are_found(adopted: World) -> None:
    await adopted.put(f"{PLAN}/milestones/{COUNTY}/late", MILESTONE, county_admin())
    await adopted.put(f"{PLAN}/milestones/{COUNTY}/later", MILESTONE | {"due_on": "2028-01-01"}, county_admin())
    late = (await adopted.get(f"{PLAN}/milestones?overdue=true")).json()["items"]
    assert [row["code"] for row in late] == ["late"]
    assert [row["code"] for row in (await adopted.get(f"{PLAN}/milestones?overdue=false")).json()["items"]] == ["later"]
