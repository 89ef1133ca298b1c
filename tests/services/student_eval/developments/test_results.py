"""Results over HTTP: what pupils, guardians, teachers are told; pictures that hide what is small; figures of schools."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from services.student_eval.app import SERVICE
from shared.kernel.command import run_until_stopped
from shared.terms.actor import Role
from tests.services.student_eval.developments.classroom import (
    COLLEAGUE,
    HEAD,
    OF_TEACHER,
    YEAR,
    Classroom,
    key,
    pupil,
)
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
EVERYBODY = dict.fromkeys(range(12), "B")
GUARDIAN = of_school(Role.GUARDIAN, person="g" * 26)


def by_node(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["node"]: each for each in told["grades"]}


async def test_a_class_is_reported_and_each_pupil_is_told_grades_and_no_total(classroom: Classroom) -> None:
    term = await classroom.opened()
    entered = {"student_key": key(0), "guardian_key": "g" * 26, "relation": "parent"}
    assert (await classroom.post(f"/guardianships/{YEAR}/{COUNTY}-{SCHOOL}", entered, HEAD)).status_code == 201
    own = {"items": [{"leaf": leaf, "level": "A"} for leaf in ("B3.1", "B3.2", "B3.3")]}
    for who in (pupil(0), GUARDIAN):
        assert (await classroom.post(f"{term}/students/{key(0)}/own-words", own, who)).status_code == 200
    await classroom.judge(term, EVERYBODY | {0: "C"})
    await classroom.tested({key(0): "best", key(1): "worst"})
    await classroom.step(term, "begin-judging")
    incomplete = await classroom.step(term, "report", {})
    assert (code_of(incomplete), "12 名没有评语" in incomplete.json()["detail"]) == ("development.incomplete", True)
    await classroom.comment(term, range(12))
    assert (await classroom.get("/developments/mine", pupil(0))).json()["items"] == []
    reported = await classroom.step(term, "report", {})
    assert (reported.status_code, reported.json()["state"]) == (200, "reported"), reported.text
    answer = await classroom.get("/developments/mine", pupil(0))
    (told,) = answer.json()["items"]
    grades = by_node(told)
    assert [node for node in grades if node.startswith("A")] == ["A1", "A2", "A3", "A4", "A5"]
    # B3: teacher C, pupil and guardian A: (60 · 1 + 15 · 3 + 10 · 3) / 85 = 1.6, a B; everything else is a C.
    assert (grades["B3"]["grade"], grades["B3"]["words"]["zh"], grades["B12"]["grade"]) == ("B", "良好", "C")
    assert (grades["B8"]["checkpoint_count"], grades["B8"]["described_count"]) == (3, 3)
    assert told["comment"] == "这学期进步明显，继续努力。"
    for word in ("total", "rank", "points", "share", "place", '"all"'):
        assert word not in answer.text
    detail = f"/developments/students/{key(0)}/terms/{told['term_id']}"
    seen = (await classroom.get(detail, GUARDIAN)).json()
    rests_on = {
        each["node"]: [(said["source"], said["level"]) for said in each["sources"]] for each in seen["checkpoints"]
    }
    assert rests_on["B3.1"] == [("class_teacher", "C"), ("self", "A"), ("guardians", "A")]
    assert rests_on["B8.1.1"] == []
    assert [each["grade"] for each in seen["checkpoints"] if each["is_computed"]] == ["A"]
    fitness = {
        each["student_key"]: each["grades"].get("B8.1.1")
        for each in (await classroom.get(f"{term}/grades", HEAD)).json()["items"]
    }
    assert [fitness[key(number)] for number in range(3)] == ["A", "D", None]
    assert (await classroom.get(f"/developments/students/{key(0)}", OF_TEACHER)).json()["items"][0]["grades"]
    assert (await classroom.get(f"/developments/students/{key(0)}", COLLEAGUE)).json()["items"] == []
    # A teacher of another school who is a guardian here reads as the guardian, and only the own child.
    elsewhere = next(school for school in SCHOOLS if school != SCHOOL)
    parent = replace(GUARDIAN, roles=GUARDIAN.roles | {Role.TEACHER}, org=of_school(school=elsewhere).org)
    assert (await classroom.get(detail, parent)).json()["checkpoints"]
    assert (await classroom.get(f"{term}/students/{key(0)}/records", parent)).json()["items"] == []
    assert (await classroom.get(f"{term}/students/{key(1)}/records", parent)).status_code == 404
    for who in (pupil(1), of_school(Role.GUARDIAN, subject="another", person="h" * 26)):
        assert code_of(await classroom.get(detail, who)) == "resource.not_found"
    assert (await classroom.get(detail, county_admin())).status_code == 403
    assert len((await classroom.get(f"{term}/grades", OF_TEACHER)).json()["items"]) == 12
    again = await classroom.step(term, "reopen", {"reason": "一名学生的评定有误"})
    assert again.json()["state"] == "judging"
    assert (await classroom.get("/developments/mine", pupil(0))).json()["items"] == []
    await classroom.judge(term, {0: "A"})
    await classroom.step(term, "report", {})
    assert by_node((await classroom.get("/developments/mine", pupil(0))).json()["items"][0])["B12"]["grade"] == "A"
    computed = (await classroom.get(f"{term}/results", HEAD)).json()["items"]
    assert [each["number"] for each in computed] == [2, 1]
    assert computed[0]["inputs_sha256"] != computed[1]["inputs_sha256"]


async def test_pupils_see_how_they_changed_and_what_follows_from_own_records(classroom: Classroom) -> None:
    await classroom.reported(EVERYBODY)
    second = await classroom.opened(semester=2)
    record = {"node": "B12.2", "happened_on": f"{YEAR[:4]}-10-01", "text": "国庆在社区图书角做志愿者。"}
    address = f"{second}/students/{key(0)}/records"
    made = await classroom.post(address, record, pupil(0))
    assert (made.status_code, made.json().get("indicator")) == (201, "B12"), made.text
    milestone = record | {"kind": "milestone", "node": "B9", "text": "合唱节领唱，第一次登台。"}
    assert (await classroom.post(address, milestone, OF_TEACHER)).json()["writer"] == "teacher"
    assert code_of(await classroom.post(address, record, pupil(1))) == "development.not_yours"
    late = await classroom.post(address, record | {"happened_on": "2031-01-01"}, pupil(0))
    assert code_of(late) == "development.day_not_believed"
    assert code_of(await classroom.post(address, record | {"node": "A1"}, pupil(0))) == "development.node_unknown"
    own = f"{address}/{made.json()['id']}"
    others = await classroom.post(f"{own}:withdraw", {"reason": "不是他写的"}, OF_TEACHER, match=1)
    assert code_of(others) == "development.record_of_others"
    corrected = await classroom.put(own, record | {"text": "国庆在社区图书角整理图书。"}, pupil(0), match=1)
    assert corrected.json()["version"] == 2, corrected.text
    assert len((await classroom.get(address, OF_TEACHER)).json()["items"]) == 2
    photo = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="a.pdf"'}
    sent = await classroom.ask("POST", f"{own}/evidence", pupil(0), content=b"%PDF-1.4\n%%EOF\n", headers=photo)
    assert sent.status_code == 201, sent.text
    assert len((await classroom.get(f"{own}/evidence", OF_TEACHER)).json()["items"]) == 1
    await classroom.judge(second, EVERYBODY | {0: "A", 1: "C"})
    await classroom.comment(second, range(12))
    await classroom.step(second, "begin-judging")
    await classroom.step(second, "report", {})
    last, first = (await classroom.get("/developments/mine", pupil(0))).json()["items"]
    assert (last["semester"], by_node(last)["A1"]["change"], by_node(first)["A1"]["change"]) == (2, "risen", None)
    growth = (await classroom.get(f"/developments/students/{key(0)}/growth", pupil(0))).json()["items"]
    assert [each["node"] for each in growth if each["parent"] is None] == ["A1", "A2", "A3", "A4", "A5"]
    assert [(term["semester"], term["grade"]) for term in growth[-1]["terms"]] == [(1, "B"), (2, "A")]
    advice = (await classroom.get(f"/developments/students/{key(0)}/advice", pupil(0))).json()["items"]
    kinds = {(each["kind"], each["indicator"]) for each in advice}
    assert ("risen", "B12") in kinds
    assert ("no_records", "B1") in kinds
    assert not {("no_records", "B12"), ("no_records", "B9"), ("fallen", "B1")} & kinds
    fallen = (await classroom.get(f"/developments/students/{key(1)}/advice", pupil(1))).json()["items"]
    assert fallen[0]["words"]["zh"].startswith("“理想信念”比上学期有所下降")


async def test_pictures_hide_what_is_small_and_figures_of_schools_do_not_undo_it(classroom: Classroom) -> None:
    own = [school for school, county in SCHOOLS.items() if county == COUNTY]
    await classroom.reported(EVERYBODY | {0: "D"}, school=own[0])
    await classroom.reported(EVERYBODY, school=own[1])
    await classroom.reported(dict.fromkeys(range(7), "A"), class_code="201", school=own[2])
    address = f"/developments/{YEAR}/{COUNTY}/picture?semester=1&by=school_code"
    answer = await classroom.get(address, county_admin())
    assert answer.status_code == 200, answer.text
    picture = answer.json()
    assert (picture["school_count"], picture["listed_pupils"], picture["reported_pupils"]) == (3, 31, 31)
    assert picture["whole"][0]["pupils"] == 31
    shown = {each["group"]: each["nodes"][0]["is_withheld"] for each in picture["groups"]}
    # The school of seven, and the next smallest beside it.
    assert (shown[own[2]], sum(shown.values())) == (True, 2)
    assert all(node["pupils"] is None for each in picture["groups"] for node in each["nodes"] if node["is_withheld"])
    school = (
        await classroom.get(
            f"/developments/{YEAR}/{COUNTY}-{own[0]}/picture?semester=1&by=class_code", of_school(school=own[0])
        )
    ).json()
    counts = {each["grade"]: each["count"] for each in school["groups"][0]["nodes"][0]["grades"]}
    assert counts == {"A": 0, "B": 11, "C": 0, "D": 1}
    classes = f"/developments/{YEAR}/{COUNTY}/picture?semester=1&by=class_code"
    assert code_of(await classroom.get(classes, county_admin())) == "development.classes_near"
    other = next(county for county in SCHOOLS.values() if county != COUNTY)
    assert (await classroom.get(address, county_admin(other))).status_code == 404
    async with classroom.called_by_school_eval() as client:
        frame = await client.roll_up(school_year=YEAR, scheme="compulsory_student")
        assert (await client.roll_up(school_year=YEAR, scheme="another")).is_empty()
    (left,) = frame["unit_code"].unique()
    assert not shown[left]
    rates = dict(frame.select("key", "value").iter_rows())
    assert rates["compulsory_student.at_least_rate.B"] == pytest.approx(11 / 12 if left == own[0] else 1)
    assert rates["compulsory_student.share_mean.A1"] == pytest.approx(85 if left != own[0] else (11 * 85 + 40) / 12)
    assert frame["covered_rate"].to_list() == [1.0] * frame.height


async def test_a_school_is_reported_as_a_job_and_incomplete_classes_are_named(classroom: Classroom) -> None:
    full, empty = await classroom.opened(), await classroom.opened("201")
    await classroom.judge(full, EVERYBODY)
    await classroom.comment(full, range(12))
    for term in (full, empty):
        await classroom.step(term, "begin-judging")
    address = f"/developments/{YEAR}/{COUNTY}-{SCHOOL}:report"
    assert code_of(await classroom.post(address, {"semester": 2}, HEAD)) == "development.nothing_to_report"
    job = await classroom.post(address, {"semester": 1}, HEAD)
    assert job.status_code == 202, job.text
    stop = asyncio.Event()
    task = asyncio.create_task(run_until_stopped(SERVICE, classroom.settings, stop))
    try:
        async with asyncio.timeout(20):
            while (done := (await classroom.get(f"/jobs/{job.json()['id']}", HEAD)).json())["state"] not in (
                "succeeded",
                "failed",
            ):
                await asyncio.sleep(0.1)
    finally:
        stop.set()
        await asyncio.wait_for(task, 25)
    assert done["result"] == {"classes": 1, "pupils": 12, "incomplete": ["201"]}, json.dumps(done)
    assert len((await classroom.get("/developments/mine", pupil(5))).json()["items"]) == 1
