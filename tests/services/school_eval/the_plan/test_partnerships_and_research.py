"""Partnerships with their trainings, and the log of heard lessons against the duty of thirty a month."""

from typing import Any

import pytest

from shared.terms.actor import Role
from shared.terms.organization import county_path
from tests.support.city import COUNTIES, COUNTY, SCHOOL, World, code_of, county_admin, of_school
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
PARTNERSHIP = {
    "kind": "city_pairing",
    "partner_name": "贵阳市示范学校（虚构）",
    "school_codes": [SCHOOL],
    "starts_on": "2026-01-01",
    "aims": "跟岗学习与联合教研",
}
ACTIVITY = {
    "kind": "training_sent",
    "held_on": "2026-03-10",
    "title": "跟岗学习",
    "participant_count": 12,
    "hours": "16.5",
    "outcome": "十二名教师完成跟岗并上汇报课",
}
POST = {"subjects": ["math"], "stages": ["junior_secondary"], "is_full_time": True, "starts_on": "2026-01-01"}
POST |= {"account": "listener", "linked_schools": [SCHOOL]}
LESSON = {
    "heard_on": "2026-03-02",
    "period": 1,
    "school_code": SCHOOL,
    "subject": "math",
    "grade_level": 8,
    "topic": "一次函数",
    "links": ["preparation", "teaching"],
    "advice": "减少讲授，增加学生板演",
}
LISTENER = actor(Role.INSPECTOR, county_path(COUNTY), subject="listener")


async def test_trainings_of_a_partnership_add_up(world: World) -> None:
    address = f"/partnerships/{COUNTY}-{SCHOOL}/guiyang"
    assert (await world.put(address, PARTNERSHIP, of_school())).status_code == 201
    assert (await world.put(f"{address}/activities/a1", ACTIVITY, of_school())).status_code == 201
    again = await world.put(f"{address}/activities/a1", ACTIVITY, of_school())
    assert (again.status_code, again.json()["version"]) == (200, 1)
    await world.put(f"{address}/activities/a2", ACTIVITY | {"participant_count": 3, "hours": "2"}, of_school())
    totals = (await world.get("/partnership-totals?first=2026-01-01&last=2026-12-31", county_admin())).json()
    assert totals["partnerships"] == {"city_pairing": 1}
    assert totals["activities"] == [
        {"kind": "training_sent", "count": 2, "participant_count": 15, "person_hours": str(12 * 16.5 + 3 * 2)}
    ]
    other = county_admin(next(code for code in COUNTIES if code != COUNTY))
    assert (await world.get(address, other)).status_code == 404
    assert code_of(await world.put(address, PARTNERSHIP, other)) == "partnership.elsewhere"


async def test_an_activity_lies_in_its_partnership(world: World) -> None:
    address = f"/partnerships/{COUNTY}/guiyang"
    await world.put(address, PARTNERSHIP | {"ends_on": "2026-06-30"}, county_admin())
    for day in ("2025-12-31", "2026-07-01"):
        answer = await world.put(f"{address}/activities/a1", ACTIVITY | {"held_on": day}, county_admin())
        assert code_of(answer) == "partnership.activity_outside"


async def hear(world: World, number: int, who: Any = LISTENER, **changes: Any) -> Any:
    body = LESSON | {"heard_on": f"2026-03-{2 + (number - 1) // 4:02d}", "period": 1 + (number - 1) % 4} | changes
    return await world.put(f"/research-staff/{COUNTY}/r1/heard-lessons/l{number}", body, who)


@pytest.fixture
async def posted(world: World) -> World:
    assert (await world.put(f"/research-staff/{COUNTY}/r1", POST, county_admin())).status_code == 201
    return world


async def test_thirty_lessons_a_month_are_owed(posted: World) -> None:
    for number in range(1, 30):
        assert (await hear(posted, number)).status_code == 201
    row = (await posted.get("/heard-lesson-months/2026-03")).json()["items"][0]
    assert (row["lessons"], row["met"], row["linked_schools_visited"]) == (29, False, 1)
    await hear(posted, 30)
    month = (await posted.get("/heard-lesson-months/2026-03", county_admin())).json()
    assert (month["duty"]["value"], month["items"][0]["met"]) == (30, True)


async def test_part_of_a_month_or_of_a_post_owes_nothing_whole(world: World) -> None:
    await world.put(f"/research-staff/{COUNTY}/late", POST | {"starts_on": "2026-03-15"}, county_admin())
    await world.put(f"/research-staff/{COUNTY}/part", POST | {"is_full_time": False}, county_admin())
    rows = (await world.get("/heard-lesson-months/2026-03")).json()["items"]
    assert [(row["staff_code"], row["met"]) for row in rows] == [("late", None), ("part", None)]


async def test_a_lesson_sent_twice_is_one_lesson(posted: World) -> None:
    assert (await hear(posted, 1)).status_code == 201
    again = await hear(posted, 1)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    assert code_of(await hear(posted, 2, heard_on="2026-03-02", period=1)) == "research_staff.two_at_once"


async def test_everyone_writes_in_their_own_log(posted: World) -> None:
    other = actor(Role.INSPECTOR, county_path(COUNTY), subject="somebody")
    assert code_of(await hear(posted, 1, other)) == "research_staff.other_log"
    assert (await hear(posted, 1, county_admin())).status_code == 201
    assert code_of(await hear(posted, 2, heard_on="2025-12-31")) == "research_staff.outside_post"
    assert code_of(await hear(posted, 2, of_school())) == "auth.forbidden"
