"""Timetables of a school's classes, and which fall short of what a week must hold."""

import polars as pl
import pytest

from services.school_eval.app import SERVICE
from services.school_eval.prefill.filled import Wanted
from services.school_eval.prefill.from_timetables import TimetableProvider
from shared.kernel.app import open_kernel
from shared.kernel.settings import ServiceSettings
from tests.support.city import (
    CITY,
    CITY_ADMIN,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    World,
    code_of,
    county_admin,
    of_school,
)

pytestmark = pytest.mark.anyio
ADDRESS = f"/timetables/2026-2027/1/{COUNTY}-{SCHOOL}"
GRADE_1 = dict.fromkeys(["11", "13", "14", "15", "22", "23", "60", "62"], "1")
FULL = {"class_code": "c1", "grade_level": 1, "lessons": GRADE_1, "sport_minutes": [60] * 5}
WEAK = GRADE_1 | {"62": "0.5", "15": "0"}
SHORT = {"class_code": "c2", "grade_level": 1, "lessons": WEAK, "sport_minutes": [60, 60, 40, 60, 60]}
UNTOLD = {"class_code": "c3", "grade_level": 1, "lessons": GRADE_1}


async def test_classes_that_fall_short_are_named_with_what_is_missing(world: World) -> None:
    answer = await world.put(ADDRESS, {"weeks": [FULL, SHORT, UNTOLD]}, of_school())
    assert answer.status_code == 201, answer.text
    rates = {row["rule"]: (row["classes"], row["kept"]) for row in answer.json()["compliance"]}
    assert rates == {"sport_hour": (2, 1), "labor_lesson": (3, 2), "full_curriculum": (3, 2)}
    assert [(row["class_code"], row["rule"], row["found"]) for row in answer.json()["shortfalls"]] == [
        ("c2", "sport_hour", "60, 60, 40, 60, 60"),
        ("c2", "labor_lesson", "0.5"),
        ("c2", "full_curriculum", "15"),
    ]


async def test_the_same_again_changes_nothing_and_edits_name_their_version(world: World) -> None:
    first = await world.put(ADDRESS, {"weeks": [FULL]}, of_school())
    again = await world.put(ADDRESS, {"weeks": [FULL]}, of_school(), match=first)
    assert (again.status_code, again.json()["version"]) == (200, 1)
    assert code_of(await world.put(ADDRESS, {"weeks": [SHORT]}, of_school())) == "request.precondition_required"


async def test_what_is_no_timetable_is_refused(world: World) -> None:
    twice = await world.put(ADDRESS, {"weeks": [FULL, FULL]}, of_school())
    unknown = await world.put(ADDRESS, {"weeks": [FULL | {"lessons": {"99": "1"}}]}, of_school())
    assert (twice.status_code, unknown.status_code) == (422, 422)
    assert unknown.json()["errors"][0]["pointer"] == "/weeks/0/lessons/99"
    assert code_of(await world.put(f"/timetables/2026-2027/1/{COUNTY}", {"weeks": [FULL]})) == "timetable.schools_only"
    other = next(code for code in SCHOOLS if SCHOOLS[code] != COUNTY)
    stranger = await world.put(ADDRESS, {"weeks": [FULL]}, of_school(school=other))
    assert code_of(stranger) == "timetable.elsewhere"
    assert (await world.get("/timetables/2026-2027/1", county_admin())).json()["items"] == []


async def test_rates_fill_leaves(world: World, school_eval_settings: ServiceSettings) -> None:
    await world.put(ADDRESS, {"weeks": [FULL, SHORT]}, of_school())
    await world.put(ADDRESS.replace("/1/", "/2/"), {"weeks": [FULL, UNTOLD]}, of_school())
    kernel = open_kernel(SERVICE, school_eval_settings)
    wanted = Wanted("2026-2027", pl.DataFrame({"unit_code": sorted(SCHOOLS)}), CITY, {})
    try:
        async with kernel.database.transaction(CITY) as session:
            provider = TimetableProvider(session, CITY_ADMIN)
            found = await provider.gather(wanted, ["sport_hour_rate", "labor_lesson_rate"])
    finally:
        await kernel.database.close()
    assert found["sport_hour_rate"].frame.select("unit_code", "value").rows() == [(SCHOOL, 2 / 3)]
    assert found["labor_lesson_rate"].frame["value"].to_list() == [3 / 4]
    assert not provider.knows("books_per_student")


async def test_the_rules_tell_their_sources(world: World) -> None:
    rules = (await world.get("/timetables/rules", of_school())).json()["items"]
    assert [rule["code"] for rule in rules] == ["sport_hour", "labor_lesson", "full_curriculum"]
