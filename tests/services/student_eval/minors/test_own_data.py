"""One's own data: all of it, taken away, corrected on request, and who has read it."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import UniqueConstraint

from services.student_eval.own_data.parts import PARTS, is_inner
from services.student_eval.tables import METADATA
from shared.terms.actor import Actor, Role
from tests.services.student_eval.fitness.pupils import STRONG, WEAK, YEAR, sheet
from tests.services.student_eval.minors.family import CHILD, YOUTH, guardian, name_mother, pupil
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, World, code_of, of_school
from tests.support.settings import bearer

NEAR = next(code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL)
OWN = f"/fitness/{YEAR}/{COUNTY}-{SCHOOL}"


def test_every_table_with_a_pupils_key_is_in_the_export() -> None:
    keyed = {name for name, table in METADATA.tables.items() if "student_key" in table.columns}
    told = {part.table.__tablename__ for part in PARTS.values() if part.table is not None}
    assert keyed - told == set()


def test_what_is_held_of_a_pupil_is_found_without_reading_everybodys() -> None:
    for part in PARTS.values():
        if part.table is not None:
            table = part.table.__table__
            unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
            first = {next(iter(each.columns)).name for each in (*table.indexes, *unique, table.primary_key)}
            assert "student_key" in first, table.name


def test_no_account_and_nobody_elses_key_leaves() -> None:
    for part in PARTS.values():
        columns = [] if part.table is None else [column.key for column in part.table.__table__.columns]
        outer = {column for column in columns if not is_inner(column)}
        assert not outer & {"by", "set_by", "written_by", "sealed_by", "person_key", "guardian_key", "rater_key"}
        assert part.table is None or {"student_key", "org_path"} <= outer


async def export(world: World, who: Actor, key: str | None) -> dict[str, Any]:
    answer = await world.get(f"/own-data/{key}/export", who)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        assert package.testzip() is None
        index = package.read("index.txt").decode("utf-8-sig")
        assert "本人数据" in index
        assert "one's own data" in index
        assert set(package.namelist()) == {"index.txt", "index.json", *(f"{code}.json" for code in PARTS)}
        return {code: json.loads(package.read(f"{code}.json"))["items"] for code in PARTS} | {"index": index}


@pytest.mark.anyio
async def test_a_mother_takes_away_all_that_is_held_and_sees_who_has_read_it(world: World) -> None:
    headers = bearer(of_school()) | {"Content-Type": "text/csv"}
    sent = sheet(SCHOOL, {CHILD: STRONG, YOUTH: WEAK})
    assert (await world.client.post(f"{OWN}:import", content=sent, headers=headers)).status_code == 200
    await name_mother(world, CHILD)
    mother, child, youth = guardian(world, 1), pupil(world, CHILD), pupil(world, YOUTH)
    for path in ("", "/export", "/readings"):
        assert (await world.get(f"/own-data/{youth.person}{path}", mother)).status_code == 404
        assert (await world.get(f"/own-data/{child.person}{path}", of_school())).status_code == 403
    held = await export(world, mother, child.person)
    assert [row["grade"] for row in held["fitness"]] == ["excellent"]
    assert [(row["relation"], row["organization"]) for row in held["guardianships"]] == [
        ("parent", f"{COUNTY}-{SCHOOL}")
    ]
    everything = json.dumps(held)
    assert str(youth.person) not in everything
    assert str(mother.person) not in everything
    assert child.subject not in everything
    counts = (await world.get(f"/own-data/{child.person}", child)).json()["items"]
    assert {each["code"]: each["count"] for each in counts if each["count"]} == {"fitness": 1, "guardianships": 1}
    # Somebody reads the class's list, and another class's.
    teacher = of_school(Role.TEACHER)
    assert (await world.get(f"{OWN}/students?class_code=901", teacher)).status_code == 200
    assert (await world.get(f"{OWN}/students?class_code=902", teacher)).status_code == 200
    readings = (await world.get(f"/own-data/{child.person}/readings", mother)).json()
    told = [(each["action"], each["roles"], each["organization"], each["is_list"]) for each in readings["items"]]
    assert told == [
        ("fitness.students_read", ["teacher"], f"{COUNTY}-{SCHOOL}", True),
        ("own_data.exported", ["guardian"], f"{COUNTY}-{SCHOOL}", False),
    ]
    assert teacher.subject not in json.dumps(readings)
    first = (await world.get(f"/own-data/{child.person}/readings?most=1", mother)).json()
    rest = await world.get(f"/own-data/{child.person}/readings?before={first['next_before']}", mother)
    assert [each["action"] for each in rest.json()["items"]] == ["own_data.exported"]


@pytest.mark.anyio
async def test_a_correction_is_asked_for_handled_and_remembered(world: World) -> None:
    await name_mother(world, CHILD)
    mother, child = guardian(world, 1), pupil(world, CHILD)
    address, body = f"/own-data/{child.person}/fitness/corrections", {"grounds": "立定跳远成绩登记有误，应为 210。"}
    assert (await world.post(address, body, pupil(world, YOUTH))).status_code == 404
    assert (await world.post(f"/own-data/{child.person}/marks/corrections", body, mother)).status_code == 404
    asked = await world.post(address, body, mother)
    assert asked.status_code == 201, asked.text
    assert code_of(await world.post(address, body, mother)) == "appeal.already_open"
    listed = (await world.get("/data-corrections?state=submitted", of_school())).json()["items"]
    assert [each["subject_key"] for each in listed] == [f"{child.person}/fitness"]
    one = f"{address}/{asked.json()['id']}"
    assert (await world.post(f"{one}:accept", {"body": "受理此申请"}, mother)).status_code == 403
    for step, more in (("accept", {}), ("investigate", {}), ("rule", {"outcome": "upheld"})):
        done = await world.post(f"{one}:{step}", {"body": "核对原始记录后更正"} | more, of_school())
        assert done.status_code == 200, done.text
    read = (await world.get(one, mother)).json()
    assert (read["outcome"], read["state"], len(read["messages"])) == ("upheld", "ruled", 4)
    # A teacher of another school who is guardian here asks as the guardian, and is nobody's teacher by it.
    both = replace(mother, roles=frozenset({Role.GUARDIAN, Role.TEACHER}), org=of_school(school=NEAR).org)
    again = await world.post(f"/own-data/{child.person}/consents/corrections", body, both)
    assert again.status_code == 201, again.text
    seen = await world.get(f"/own-data/{child.person}/consents/corrections/{again.json()['id']}", both)
    assert (seen.status_code, "accept" in seen.json()["actions"]) == (200, False)
    assert (await world.get(f"{OWN}/students?class_code=901", both)).status_code == 404
    held = await export(world, child, child.person)
    assert [(each["outcome"], len(each["thread"])) for each in held["corrections"]] == [("upheld", 4), (None, 1)]
    assert mother.subject not in json.dumps(held)
