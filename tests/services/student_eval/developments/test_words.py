"""A class's term over HTTP: who may open, judge and speak, what is refused row by row, and what nobody can lead back."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from shared.kernel.database.engine import Database
from shared.terms.actor import Role
from tests.services.student_eval.developments.classroom import (
    ADDRESS,
    COLLEAGUE,
    HEAD,
    OF_TEACHER,
    YEAR,
    Classroom,
    fake_roster,
    key,
    pupil,
)
from tests.support.city import CITY_ADMIN, SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio


async def test_a_term_is_opened_from_the_roster_and_moved_by_its_school(classroom: Classroom) -> None:
    answer = await classroom.open()
    term = answer.json()
    assert (answer.status_code, term["student_count"], term["teacher_count"]) == (201, 12, 1)
    assert (term["state"], term["steps"], term["grade_level"]) == ("recording", ["begin_judging"], 5)
    refused = {
        "again": ("501", "development.open_already"),
        "nobody": ("999", "development.class_empty"),
    }
    for class_code, code in refused.values():
        assert code_of(await classroom.open(class_code)) == code
    body = {"class_code": "501", "semester": 2, "scheme_version": 1}
    other = next(school for school in SCHOOLS if school != HEAD.org.split("/")[3])
    assert code_of(await classroom.post(ADDRESS, body, of_school(school=other))) == "students.elsewhere"
    assert code_of(await classroom.post(ADDRESS, body, OF_TEACHER)) == "auth.forbidden"
    address = f"/development-terms/{term['id']}"
    table = (await classroom.get(f"{address}/table", pupil(0))).json()
    kinds = [
        sum(node["parent"] is None for node in table["nodes"]),
        sum(node["is_computed"] for node in table["nodes"]),
    ]
    assert kinds == [5, 1]
    assert {"weight", "share"}.isdisjoint(table["nodes"][0])
    assert code_of(await classroom.get(f"{address}/students", COLLEAGUE)) == "development.not_your_class"
    assert len((await classroom.get(f"{address}/students", OF_TEACHER)).json()["items"]) == 12
    assert (await classroom.get(address, county_admin())).status_code == 403
    assert code_of(await classroom.step(address, "reopen", {"reason": "重新评定一次"})) == "workflow.not_allowed"
    refresh = f"{ADDRESS}/{term['id']}:refresh"
    same = await classroom.post(refresh, who=HEAD, match=await classroom.get(address, HEAD))
    assert (same.json()["student_count"], same.json()["version"]) == (12, 1)
    classroom.roster = fake_roster(leaving={key(11)})
    fewer = await classroom.post(refresh, who=HEAD, match=same)
    assert (fewer.json()["student_count"], fewer.json()["version"]) == (11, 2)
    assert (await classroom.step(address, "begin-judging")).json()["state"] == "judging"
    for who in (pupil(0), OF_TEACHER):
        listed = await classroom.get(f"/developments/students/{key(0)}/terms", who)
        assert len(listed.json()["items"]) == 1, listed.text
    assert code_of(await classroom.get(f"/developments/students/{key(0)}/terms", pupil(1))) == "resource.not_found"


async def test_judgements_come_in_bulk_and_faulty_rows_stay_out_alone(classroom: Classroom) -> None:
    term = await classroom.opened()
    said = [
        {"student_key": key(0), "leaf": "B1.1", "level": "A", "note": "主动担任升旗手"},
        {"student_key": key(1), "leaf": "B1.1", "level": "E"},
        {"student_key": key(1), "leaf": "B8.1.1", "level": "A"},
        {"student_key": key(1), "leaf": "X", "level": "A"},
        {"student_key": "z" * 26, "leaf": "B1.1", "level": "A"},
        {"student_key": key(0), "leaf": "B1.1", "level": "B"},
        {"student_key": key(2), "leaf": "B1.1", "level": "B"},
    ]
    answer = await classroom.post(f"{term}/judgements", {"items": said}, OF_TEACHER)
    assert answer.status_code == 207, answer.text
    found = answer.json()
    assert (found["written"], found["refused"]) == (2, 5)
    assert [error["pointer"] for error in found["errors"]] == [
        "/items/1/level",
        "/items/2/leaf",
        "/items/3/leaf",
        "/items/4/student_key",
        "/items/5",
    ]
    again = (await classroom.post(f"{term}/judgements", {"items": said[:1] + said[6:]}, OF_TEACHER)).json()
    assert (again["written"], again["unchanged"]) == (0, 2)
    for who in (COLLEAGUE, HEAD):
        refused = await classroom.post(f"{term}/judgements", {"items": said[:1]}, who)
        assert code_of(refused) == "development.not_your_class"
    comments = [
        {"student_key": key(0), "text": "乐于助人，值得表扬。"},
        {"student_key": "z" * 26, "text": "不在本班的学生"},
    ]
    told = (await classroom.post(f"{term}/comments", {"items": comments}, OF_TEACHER)).json()
    assert (told["written"], told["refused"]) == (1, 1)
    standing = (await classroom.get(f"{term}/standing", HEAD)).json()
    assert (len(standing["without_judgement"]), len(standing["without_comment"])) == (10, 11)
    words = (await classroom.get(f"{term}/words", OF_TEACHER, params={"student_key": key(0)})).json()["items"]
    assert [(word["leaf"], word["level"]) for word in words] == [("B1.1", "A")]
    named = await classroom.get(f"{term}", HEAD)
    stand_in = {"teachers": [str(COLLEAGUE.person)]}
    assert (await classroom.put(f"{term}/teachers", stand_in, HEAD, match=named)).status_code == 200
    assert (await classroom.post(f"{term}/judgements", {"items": said[:1]}, COLLEAGUE)).json()["unchanged"] == 1


async def test_pupils_speak_for_themselves_from_the_grade_on_and_while_it_is_recorded(classroom: Classroom) -> None:
    term = await classroom.opened()
    own = f"{term}/students/{key(3)}/own-words"
    body = {"items": [{"leaf": "B3.2", "level": "A"}, {"leaf": "B4.2", "level": "B", "note": "还要多读书"}]}
    said = await classroom.post(own, body, pupil(3))
    assert [(word["leaf"], word["level"], word["source"]) for word in said.json()["items"]] == [
        ("B3.2", "A", "self"),
        ("B4.2", "B", "self"),
    ]
    taken_back = {"items": [{"leaf": "B3.2", "level": None}]}
    assert (await classroom.post(own, taken_back, pupil(3))).json()["items"][0]["level"] is None
    assert code_of(await classroom.post(own, body, pupil(4))) == "resource.not_found"
    assert (await classroom.post(own, body, OF_TEACHER)).status_code == 403
    guardian = of_school(Role.GUARDIAN, person="g" * 26)
    assert code_of(await classroom.post(own, body, guardian)) == "resource.not_found"
    assert code_of(await classroom.get(f"{term}/own-peer-group", guardian)) == "development.not_yours"
    wrong = await classroom.post(own, {"items": [{"leaf": "B6.1", "level": "A"}]}, pupil(3))
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "development.leaf_not_asked")
    await classroom.step(term, "begin-judging")
    assert code_of(await classroom.post(own, body, pupil(3))) == "development.not_now"
    small = await classroom.opened("201")
    young = await classroom.post(f"{small}/students/{key(0, '201')}/own-words", body, pupil(0, "201"))
    assert code_of(young) == "development.too_young"


async def test_classmates_describe_each_other_and_nobody_can_tell_who_said_what(classroom: Classroom) -> None:
    term = await classroom.opened()
    group = f"{term}/peer-groups/one"
    assert code_of(await classroom.put(group, {"members": [key(n) for n in range(3)]}, OF_TEACHER)) == (
        "development.group_size"
    )
    made = await classroom.put(group, {"members": [key(n) for n in range(6)]}, OF_TEACHER)
    assert made.status_code == 200, made.text
    other = await classroom.put(f"{term}/peer-groups/two", {"members": [key(n) for n in range(5, 11)]}, OF_TEACHER)
    assert [error["code"] for error in other.json()["errors"]] == ["development.in_other_group"]
    asked = (await classroom.get(f"{term}/own-peer-group", pupil(0))).json()
    assert (len(asked["classmates"]), asked["is_handed_in"]) == (5, False)
    assert "B6.1" not in asked["leaves"]
    address = f"{term}/own-peer-group:hand-in"
    sheet = {"items": [{"student_key": key(n), "leaf": "B3.2", "level": "B"} for n in range(1, 6)]}
    himself = {"items": [{"student_key": key(0), "leaf": "B3.2", "level": "A"}]}
    refused = await classroom.post(address, himself, pupil(0))
    assert refused.json()["errors"][0]["code"] == "development.not_in_group"
    keyed = {"headers": {"Idempotency-Key": "sheet"}}
    assert (await classroom.post(address, sheet, pupil(0), **keyed)).json() == {"words": 5}
    assert code_of(await classroom.post(address, sheet, pupil(0))) == "development.handed_in"
    assert code_of(await classroom.post(address, sheet, pupil(8))) == "resource.not_found"
    assert (await classroom.get(f"{term}/peer-groups", OF_TEACHER)).json()["items"][0]["sheet_count"] == 1
    assert code_of(await classroom.put(group, {"members": [key(n) for n in range(7)]}, OF_TEACHER)) == (
        "development.group_began"
    )
    await classroom.step(term, "begin-judging")
    assert (await classroom.step(term, "report", {"accept_reason": "学期中途调整，先行报告"})).status_code == 200
    await classroom.step(term, "reopen", {"reason": "补充评定后再报告"})
    await classroom.step(term, "return-to-recording")
    # Who had handed in is forgotten, and so nobody may once more.
    assert code_of(await classroom.post(address, sheet, pupil(0))) == "development.peers_closed"
    database = Database(classroom.settings.database_url.get_secret_value())
    async with database.transaction(HEAD.org) as session:
        rows = (await session.execute(text("select * from development_peer_words"))).mappings().all()
        assert {column for row in rows for column in row} == {
            "id",
            "org_path",
            "term_id",
            "student_key",
            "leaf",
            "level",
        }
        noted = (await session.execute(text("select * from audit_log"))).mappings().all()
        assert not [row for row in noted if pupil(0).subject in map(str, row.values())]
        # Nor is there a fingerprint beside the account that could be guessed at.
        assert (await session.execute(text("select * from idempotent_answers"))).all() == []
    await database.close()


async def test_schemes_of_others_belong_to_other_services(classroom: Classroom) -> None:
    listed = (await classroom.get("/built-in-schemes", CITY_ADMIN)).json()["items"]
    assert [(each["code"], each["of"]) for each in listed] == [("compulsory_student", "student")]
    assert (await classroom.get(f"/development-terms?school_year={YEAR}", HEAD)).json()["items"] == []
