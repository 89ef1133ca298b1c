"""Fitness over HTTP: the national sheet comes in, faults are named, reports hide what is small, pupils see their own."""

from __future__ import annotations

from typing import Any

import fastexcel
import polars as pl
import pytest
from sqlalchemy import text

from services.student_eval.fitness.checks import seconds
from shared.kernel.database.engine import Database
from shared.kernel.personal import person_key
from shared.terms.actor import Actor, Role
from shared.terms.organization import school_path
from tests.services.student_eval.fitness.pupils import GIRL, HEADER, STRONG, WEAK, YEAR, number, sheet
from tests.support.city import COUNTY, PROVINCE, SCHOOL, SCHOOLS, World, code_of, county_admin, of_school
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
OWN = f"/fitness/{YEAR}/{COUNTY}-{SCHOOL}"
ROWS = {0: STRONG, 1: WEAK, 2: GIRL}


async def send(
    world: World,
    body: bytes,
    who: Actor | None = None,
    *,
    school: str = SCHOOL,
    action: str = "import",
    query: str = "",
) -> Any:
    headers = bearer(who or of_school(school=school)) | {"Content-Type": "text/csv"}
    address = f"/fitness/{YEAR}/{SCHOOLS[school]}-{school}:{action}{query}"
    return await world.client.post(address, content=body, headers=headers)


async def students(world: World, class_code: str = "901") -> list[dict[str, Any]]:
    answer = await world.get(f"{OWN}/students?class_code={class_code}", of_school())
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_the_national_sheet_comes_in_as_it_is(world: World) -> None:
    answer = await send(world, sheet(SCHOOL, ROWS))
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in ("rows", "created", "refused")} == {
        "rows": 3,
        "created": 3,
        "refused": 0,
    }
    everyone = {each["items"][-1]["result"]: each for each in await students(world)}
    strong, weak, girl = everyone[210.0], everyone[400.0], everyone[200.0]
    assert (strong["bmi"], strong["body_mass"], strong["grade"]) == (20.8, "normal", "excellent")
    total = sum(item["score"] * item["weight"] for item in strong["items"]) / 100
    assert strong["standard_score"] == total
    assert strong["total"] == round(total + sum(item["bonus"] or 0 for item in strong["items"]), 1)
    assert (weak["body_mass"], weak["grade"]) == ("obese", "failed")
    assert [item["test"] for item in girl["items"]][-2:] == ["sit_ups", "long_run"]
    assert {each["class_code"] for each in everyone.values()} == {"901"}


async def test_sent_again_it_changes_nothing_and_a_correction_keeps_the_history(world: World) -> None:
    await send(world, sheet(SCHOOL, ROWS))
    again = (await send(world, sheet(SCHOOL, ROWS))).json()
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 3)
    corrected = (await send(world, sheet(SCHOOL, {1: WEAK.replace("400", "410")}))).json()
    assert (corrected["created"], corrected["changed"], corrected["unchanged"]) == (0, 1, 0)
    read = (await world.get(OWN, of_school())).json()
    assert (read["student_count"], [state["row_count"] for state in read["states"]]) == (3, [3, 3])
    dry = (await send(world, sheet(SCHOOL, {5: STRONG}), query="?dry_run=true")).json()
    assert (dry["created"], (await world.get(OWN, of_school())).json()["student_count"]) == (1, 3)


FAULTY: list[tuple[dict[int, str], str, str]] = [
    ({0: STRONG.replace("170", "170.55")}, "cell.too_many_decimals", "身高"),
    ({0: STRONG.replace("170", "17")}, "fitness.not_believed", "身高"),
    ({0: STRONG.replace("3'30", "3.30")}, "fitness.time_unclear", "1000米跑"),
    ({0: STRONG.replace("3'30", "3'75")}, "fitness.time_unclear", "1000米跑"),
    ({0: STRONG.replace("15,,,", "15,,200,")}, "fitness.other_run", "800米跑"),
    ({77: STRONG}, "fitness.not_enrolled", "学籍号"),
    ({0: STRONG.replace("男", "M")}, "cell.not_allowed", "性别"),
]


@pytest.mark.parametrize(("rows", "code", "column"), FAULTY)
async def test_what_cannot_stand_is_named_and_nothing_is_stored(
    world: World, rows: dict[int, str], code: str, column: str
) -> None:
    answer = await send(world, sheet(SCHOOL, {2: GIRL} | rows))
    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["code"] == "fitness.file_refused"
    found = {(error["code"], error["column"], error["row"]) for error in problem["errors"]}
    assert (code, column, 3) in found, found
    assert number(SCHOOL, 77) not in answer.text
    assert (await world.get(OWN, of_school())).status_code == 404
    kept = await send(world, sheet(SCHOOL, {2: GIRL} | rows), query="?atomic=row")
    assert (kept.json()["created"], kept.json()["refused"]) == (1, 1)


async def test_a_pupil_stands_once_in_a_sheet(world: World) -> None:
    body = sheet(SCHOOL, {0: STRONG}) + b"\n" + sheet(SCHOOL, {0: WEAK}).split(b"\n")[1]
    answer = await send(world, body)
    assert {error["code"] for error in answer.json()["errors"]} == {"fitness.student_twice"}


async def test_the_marked_copy_says_what_is_wrong(world: World) -> None:
    answer = await send(world, sheet(SCHOOL, {77: STRONG}), action="mark")
    assert answer.status_code == 200, answer.text
    workbook = fastexcel.read_excel(answer.content)
    sheets = [workbook.load_sheet(name, header_row=None).to_polars() for name in workbook.sheet_names]
    assert any("不属于本校" in str(cell) for each in sheets for row in each.rows() for cell in row)
    template = await world.get("/fitness/template", of_school())
    titles = fastexcel.read_excel(template.content).load_sheet(0, header_row=None).to_polars().rows()[0]
    assert any("学籍号" in str(title) for title in titles)
    assert "姓名" not in titles


async def test_a_retest_is_for_those_who_failed(world: World) -> None:
    await send(world, sheet(SCHOOL, ROWS))
    refused = await send(world, sheet(SCHOOL, {0: STRONG}), query="?attempt=retest")
    assert [error["code"] for error in refused.json()["errors"]] == ["fitness.no_retest_due"]
    taken = await send(world, sheet(SCHOOL, {1: STRONG}), query="?attempt=retest")
    assert taken.json()["created"] == 1
    whole = (await world.get(f"{OWN}/report", of_school())).json()["whole"]
    assert (whole["counts"]["n_students"], whole["counts"]["n_failed"], whole["counts"]["n_excellent"]) == (3, 0, 3)
    assert sorted(each["attempt"] for each in await students(world)) == ["first"] * 3 + ["retest"]


async def test_offices_see_rates_and_nothing_small(world: World) -> None:
    await send(world, sheet(SCHOOL, {serial: WEAK if serial % 2 else GIRL for serial in range(25)}))
    near = next(code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL)
    far = next(code for code in SCHOOLS if SCHOOLS[code] != COUNTY)
    await send(world, sheet(near, dict.fromkeys(range(4), GIRL)), school=near)
    await send(world, sheet(far, dict.fromkeys(range(30), GIRL)), school=far)
    county = (await world.get(f"/fitness/{YEAR}/{COUNTY}/report?by=school_code", county_admin())).json()
    assert (county["schools"], county["whole"]["counts"]["n_students"]) == (2, 29)
    # Shown beside the whole, the large school would give the small one away.
    assert [(group["is_withheld"], group["rates"]["obesity_rate"]) for group in county["groups"]] == [(True, None)] * 2
    assert county["whole"]["rates"]["obesity_rate"] == round(12 / 29, 4)
    city = (await world.get(f"/fitness/{YEAR}/9900/report?by=county_code", PROVINCE)).json()
    assert sorted(group["counts"]["n_students"] for group in city["groups"]) == [29, 30]
    by_sex = (await world.get(f"/fitness/{YEAR}/9900/report?by=sex")).json()
    assert {group["group"]: group["counts"]["n_students"] for group in by_sex["groups"]} == {"boys": 12, "girls": 47}
    assert code_of(await world.get(f"/fitness/{YEAR}/9900/report?by=class_code")) == "fitness.classes_near"
    assert (await world.get(f"/fitness/{YEAR}/{COUNTY}/report", county_admin(SCHOOLS[far]))).status_code == 404
    classes = (await world.get(f"{OWN}/report?by=class_code", of_school())).json()
    assert [(group["group"], group["counts"]["n_obese"]) for group in classes["groups"]] == [("901", 12)]


async def test_pupils_are_read_by_their_school_and_themselves_alone(world: World) -> None:
    await send(world, sheet(SCHOOL, ROWS))
    key = person_key(number(SCHOOL, 1), world.settings.key("person_key"))
    path = school_path(COUNTY, SCHOOL)
    own = (await world.get("/fitness/mine", actor(Role.STUDENT, path, person=key))).json()["items"]
    assert [(each["student_key"], each["grade"]) for each in own] == [(key, "failed")]
    assert (await world.get("/fitness/mine", actor(Role.STUDENT, path))).json()["items"] == []
    address = f"{OWN}/students?class_code=901"
    for who in (county_admin(), PROVINCE, actor(Role.STUDENT, path, person=key)):
        assert code_of(await world.get(address, who)) == "auth.forbidden"
    near = next(code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL)
    assert (await world.get(address, of_school(school=near))).status_code == 404
    assert code_of(await send(world, sheet(SCHOOL, ROWS), of_school(school=near))) == "students.elsewhere"
    await world.get(address, of_school())
    database = Database(world.settings.database_url.get_secret_value())
    async with database.transaction("") as session:
        actions = (await session.scalars(text("select action from audit_log"))).all()
    await database.close()
    assert "fitness.students_read" in actions


async def test_sight(world: World) -> None:
    header = HEADER + ",左眼裸眼视力,右眼裸眼视力,左眼等效球镜,右眼等效球镜"
    eyes = {0: "5.0,5.0,0,0", 1: "4.8,5.1,-0.75,0.25", 2: "4.9,5.0,0,-1", 3: "4.6,4.7,,"}
    rows = {serial: f"{STRONG},{seen}" for serial, seen in eyes.items()}
    assert (await send(world, sheet(SCHOOL, rows, header))).status_code == 200
    whole = (await world.get(f"{OWN}/report?by=sex", of_school())).json()["whole"]
    # The third one's poor eye is not the shortsighted one; the fourth was not refracted.
    assert [whole["counts"][name] for name in ("n_sighted", "n_poor_sight", "n_refracted", "n_myopic")] == [4, 3, 3, 1]


async def test_the_standard_is_told(world: World) -> None:
    answer = (await world.get("/fitness/standard?sex=girls&grade_level=9", of_school())).json()
    assert sum(test["weight"] for test in answer["tests"]) == 100
    assert answer["bmi_from"] == {"normal": "16.0", "overweight": "22.7", "obese": "25.2"}
    assert (answer["document"].startswith("《国家学生体质健康标准"), answer["verified"]) == (True, False)


TIMES = {"3'45": 225, "3′45″": 225, "3:45": 225, "3分45秒": 225, "225": 225, "225.5": 225.5, "1'05": 65, "20": 20}
UNCLEAR = ["3.45", "3'60", "fast", "19.9", "3''", "-225"]


def test_times_are_read_where_they_are_clear() -> None:
    frame = pl.DataFrame({"t": [*TIMES, *UNCLEAR]})
    assert frame.select(s=seconds("t"))["s"].to_list() == [*TIMES.values(), *[None] * len(UNCLEAR)]
