"""Who holds a rung, by group, over everybody on active staff; targets; the numbers that plans fix."""

import time
from typing import Any

import pytest
from sqlalchemy import text

from tests.services.teacher_eval.development.test_trainings import imported
from tests.services.teacher_eval.development.town import TODAY, Town, key, teacher
from tests.support.city import CITY_ADMIN, COUNTIES, COUNTY, SCHOOL, code_of, county_admin

pytestmark = pytest.mark.anyio
BOARD = "/title-coverage/teachers/backbone"
OTHER_COUNTY = next(county for county in COUNTIES if county != COUNTY)
_HELD = text("update titles set state = 'recognized', recognized_on = :day where staff_key = any(:keys)")


async def held(town: Town, count: int) -> None:
    await town.open_round()
    for number in range(count):
        assert (await town.nominate(number)).status_code == 201
    async with town.kernel.database.transaction("") as session:
        await session.execute(_HELD, {"day": TODAY, "keys": [key(number) for number in range(count)]})


async def board(town: Town, by: str, who: Any = CITY_ADMIN) -> dict[str, tuple[int, int | None, float | None]]:
    answer = await town.get(BOARD, who, params={"by": by})
    assert answer.status_code == 200, answer.text
    return {
        item["group"]: (item["held_count"], item["staff_count"], item["held_rate"]) for item in answer.json()["items"]
    }


async def test_rates_have_everybody_on_staff_below_them(town: Town) -> None:
    await held(town, 3)
    assert await board(town, "county_code") == {COUNTY: (3, 36, 0.0833), OTHER_COUNTY: (0, 36, 0.0)}
    assert await board(town, "county_code", county_admin()) == {COUNTY: (3, 36, 0.0833)}
    assert (await board(town, "school_code"))[SCHOOL] == (3, 12, 0.25)
    assert await board(town, "stages") == {"primary": (3, 60, 0.05), "primary+junior_secondary": (0, 12, 0.0)}
    assert await board(town, "is_rural") == {"rural": (3, 24, 0.125), "urban": (0, 48, 0.0)}
    assert await board(town, "subject") == {"13": (3, None, None)}
    assert code_of(await town.get("/title-coverage/teachers/none")) == "title_round.rung_unknown"
    assert code_of(await town.get(BOARD, teacher())) == "auth.forbidden"


async def test_targets_are_an_offices_own_and_stand_beside_who_holds(town: Town) -> None:
    await held(town, 2)
    body = {"goal_count": 5, "document": "县教师发展规划"}
    made = await town.put(f"/title-targets/{COUNTY}/teachers/backbone/2028", body, county_admin())
    assert (made.status_code, made.json()["held_count"]) == (201, 2), made.text
    foreign = await town.put(f"/title-targets/{OTHER_COUNTY}/teachers/backbone/2028", body, county_admin())
    assert code_of(foreign) == "title_target.elsewhere"
    listed = (await town.get("/title-targets")).json()["items"]
    assert [(row["organization"], row["goal_count"], row["verified"]) for row in listed] == [(COUNTY, 5, False)]


async def test_what_plans_fix_stands_beside_what_is_counted(town: Town) -> None:
    await held(town, 2)
    head = "staff_key,record_code,title,level,hours,completed_on\n"
    await imported(town, f"{head}{key(0)},N-1,国培,national,40,{TODAY.year}-01-10\n")
    goals = {goal["code"]: goal for goal in (await town.get("/title-coverage/goals")).json()["items"]}
    assert (goals["backbone_teachers"]["goal"], goals["backbone_teachers"]["value"]) == (15_000, 2)
    assert (goals["trained_a_year"]["goal"], goals["trained_a_year"]["value"]) == (4_000, 1)
    assert goals["all_staff_trained"]["value"] == 0.0139
    assert "十条措施" in goals["famous_teachers"]["document"]


async def test_a_citys_board_takes_less_than_fifty_milliseconds(town: Town) -> None:
    await held(town, 1)
    counts = (
        "insert into staff_counts (school_code, org_path, county_code, stages, is_rural, count) select 's' || n, "
        "'99/9900/990001/s' || n || '/', '990001', 'primary', true, 45 from generate_series(1, 2000) n"
    )
    titles = (
        "insert into titles select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(), 'staff_key', "
        "'k' || n, 'school_code', 's' || (n % 2000 + 1), 'org_path', '99/9900/990001/s' || (n % 2000 + 1) || '/'))).* "
        "from titles t, generate_series(1, 15000) n"
    )
    async with town.kernel.database.transaction("") as session:
        for words in (counts, titles):
            await session.execute(text(words))
    await board(town, "county_code")
    best = 1.0
    for _ in range(5):
        begun = time.perf_counter()
        found = await board(town, "county_code")
        best = min(best, time.perf_counter() - begun)
    assert found["990001"][0] == 15_000
    assert best < 0.05
