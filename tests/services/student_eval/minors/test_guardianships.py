"""Guardians: entered by the school under pseudonyms, nothing about them beside, and their children's things their own."""

from __future__ import annotations

import pytest

from shared.kernel import clock
from tests.services.student_eval.fitness.pupils import STRONG, WEAK, YEAR, number, sheet
from tests.services.student_eval.minors.family import (
    ADULT,
    CHILD,
    YOUTH,
    citizen,
    guardian,
    key_of,
    name_mother,
    pupil,
    send_guardians,
)
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, World, code_of, county_admin, of_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
NEAR = next(code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL)
ADDRESS = f"/guardianships/{YEAR}/{COUNTY}-{SCHOOL}"


async def fitness(world: World, school: str, rows: dict[int, str]) -> None:
    headers = bearer(of_school(school=school)) | {"Content-Type": "text/csv"}
    address = f"/fitness/{YEAR}/{SCHOOLS[school]}-{school}:import"
    assert (await world.client.post(address, content=sheet(school, rows), headers=headers)).status_code == 200


async def test_a_mother_sees_her_children_at_two_schools_until_it_ends(world: World) -> None:
    await fitness(world, SCHOOL, {CHILD: STRONG, YOUTH: WEAK})
    await fitness(world, NEAR, {CHILD: WEAK})
    mother = guardian(world, 1)
    assert (await world.get("/fitness/mine", mother)).json()["items"] == []
    await name_mother(world, CHILD)
    await name_mother(world, CHILD, school=NEAR)
    own = (await world.get("/guardianships/mine", mother)).json()["items"]
    keys = [key_of(world.settings, school, CHILD) for school in (SCHOOL, NEAR)]
    assert sorted(each["student_key"] for each in own) == sorted(keys)
    assert {each["side"] for each in own} == {"guardian"}
    seen = (await world.get("/fitness/mine", mother)).json()["items"]
    assert {each["student_key"]: each["grade"] for each in seen} == {keys[0]: "excellent", keys[1]: "failed"}
    row = (await world.get(f"/guardianships?student_key={keys[0]}", of_school())).json()["items"][0]
    assert "name" not in row
    body = {"reason": "监护权变更", "ended_on": clock.today().isoformat()}
    end = f"/guardianships/{row['id']}:end"
    assert (await world.post(end, body, of_school(school=NEAR), match=row["version"])).status_code == 404
    late = body | {"ended_on": "2099-01-01"}
    assert code_of(await world.post(end, late, of_school(), match=row["version"])) == "guardianship.day_impossible"
    assert (await world.post(end, body, of_school(), match=row["version"])).status_code == 200
    assert code_of(await world.post(end, body, of_school(), match="2")) == "guardianship.over"
    assert [each["student_key"] for each in (await world.get("/fitness/mine", mother)).json()["items"]] == [keys[1]]


async def test_the_same_sheet_again_changes_nothing_and_a_moved_pupil_brings_the_guardian_along(world: World) -> None:
    rows = [
        f"{number(SCHOOL, CHILD)},{citizen(1)},母亲,",
        f"{number(SCHOOL, YOUTH)},{citizen(2)},其他监护人,居委会指定书",
    ]
    first, again = [(await send_guardians(world, rows)).json() for _ in range(2)]
    assert (first["created"], again["created"], again["unchanged"]) == (2, 0, 2)
    dry = (await send_guardians(world, [f"{number(SCHOOL, 5)},{citizen(1)},父母,"], query="?dry_run=true")).json()
    assert (dry["created"], len((await world.get("/guardianships", of_school())).json()["items"])) == (1, 2)
    single = {"student_key": key_of(world.settings, SCHOOL, 7), "guardian_key": "a" * 26, "relation": "parent"}
    entered = await world.post(ADDRESS, single, of_school())
    assert (entered.status_code, entered.json()["relation"]) == (201, "parent")
    wrong = await world.post(ADDRESS, single | {"relation": "other"}, of_school())
    assert [each["code"] for each in wrong.json()["errors"]] == ["guardianship.document_missing"]
    stranger = single | {"student_key": key_of(world.settings, NEAR, 7)}
    assert [each["code"] for each in (await world.post(ADDRESS, stranger, of_school())).json()["errors"]] == [
        "guardianship.not_enrolled"
    ]
    assert code_of(await world.post(ADDRESS, single, of_school(school=NEAR))) == "students.elsewhere"
    assert code_of(await world.post(ADDRESS, single, county_admin())) == "auth.forbidden"


FAULTY = [
    ("学籍号,监护人身份证号,监护关系,工作单位", "{pupil},{mother},母亲,某厂", "guardianship.column_refused"),
    ("学籍号,监护人身份证号,监护关系,职业", "{pupil},{mother},母亲,", "guardianship.column_refused"),
    ("学籍号,监护人身份证号,监护关系,依据文件", "{pupil},{mother},其他监护人,", "guardianship.document_missing"),
    ("学籍号,监护人身份证号,监护关系,依据文件", "{stranger},{mother},母亲,", "guardianship.not_enrolled"),
    ("学籍号,监护人身份证号,监护关系,依据文件", "{pupil},{unsound},母亲,", "identity.check_character"),
    ("学籍号,监护人身份证号,监护关系,依据文件", "{pupil},,母亲,", "guardianship.guardian_missing"),
    ("学籍号,监护人身份证号,监护关系,依据文件", "{pupil},{mother},邻居,", "cell.not_allowed"),
    ("学籍号,监护人身份证号,监护关系,家庭住址", "{pupil},{mother},母亲,某街", "column.unknown"),
]


async def test_what_may_not_stand_is_told_by_its_row_and_nothing_is_stored(world: World) -> None:
    unsound = citizen(1)[:-1] + ("0" if citizen(1)[-1] != "0" else "1")
    for header, row, code in FAULTY:
        people = {"pupil": number(SCHOOL, CHILD), "mother": citizen(1), "stranger": number(NEAR, 7), "unsound": unsound}
        answer = await send_guardians(world, [row.format(**people)], header=header)
        assert answer.status_code == 422, (code, answer.text)
        errors = {each["code"]: each for each in answer.json()["errors"]}
        assert set(errors) == {code}
        assert not any(value in answer.text for value in people.values())
        if code == "guardianship.column_refused":
            assert "个人信息保护法" in errors[code]["detail"] or "个人信息保护法" in str(errors[code])
            by_row = await send_guardians(world, [row.format(**people)], header=header, query="?atomic=row")
            assert by_row.status_code == 422
    assert (await world.get("/guardianships", of_school())).json()["items"] == []
    good = f"{number(SCHOOL, CHILD)},{citizen(1)},母亲,,张三"
    names = await send_guardians(world, [good], header="学籍号,监护人身份证号,监护关系,依据文件,监护人姓名")
    assert names.json()["created"] == 1


async def test_of_age_a_pupil_ends_it_alone(world: World) -> None:
    await name_mother(world, YOUTH, ADULT)
    grown, young, mother = pupil(world, ADULT), pupil(world, YOUTH), guardian(world, 1)
    assert len((await world.get("/guardianships/of-me", young)).json()["items"]) == 1
    assert code_of(await world.post("/guardianships/of-me:end", None, young)) == "guardianship.still_minor"
    assert (await world.post("/guardianships/of-me:end", None, grown)).json() == {"ended": 1}
    own = (await world.get("/guardianships/mine", mother)).json()["items"]
    assert [each["student_key"] for each in own] == [young.person]
    assert code_of(await world.post("/guardianships/of-me:end", None, mother)) == "resource.not_found"
    # The school ends what is over by age, for all at once.
    await name_mother(world, ADULT, CHILD)
    address = f"/guardianships/{COUNTY}-{SCHOOL}:end-of-age"
    assert (await world.post(f"{address}?dry_run=true", None, of_school())).json() == {"ended": 1}
    assert (await world.post(address, None, of_school())).json() == {"ended": 1}
    assert (await world.post(address, None, of_school())).json() == {"ended": 0}
    assert code_of(await world.post(address, None, of_school(school=NEAR))) == "guardianship.elsewhere"
