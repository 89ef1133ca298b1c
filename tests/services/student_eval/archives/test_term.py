"""A class's term over HTTP: written by pupils, guided by teachers, chosen, signed, shown, doubted, verified."""

from __future__ import annotations

import io

import polars as pl
import pytest

from shared.terms.actor import Role
from tests.services.roster.senders import citizen_number
from tests.services.student_eval.archives.senior import CLASS, ELSEWHERE, HEAD, OPERATOR, TEACHER, YEAR, Senior
from tests.services.student_eval.fitness.pupils import HEADER, STRONG, WEAK
from tests.support.city import COUNTY, PROVINCE, SCHOOL, SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio


async def test_a_term_is_opened_once_for_ones_own_senior_class(senior: Senior) -> None:
    address = f"/schools/{COUNTY}-{SCHOOL}/{YEAR}/archive-terms"
    body = {"class_code": CLASS, "semester": 1}
    read = (await senior.world.get(f"/archive-terms/{senior.term}", TEACHER)).json()
    assert (read["state"], read["student_count"], read["steps"]) == ("recording", 4, ["begin_selection"])
    assert code_of(await senior.world.post(address, body, HEAD)) == "archive.term_open_already"
    assert code_of(await senior.world.post(address, body | {"class_code": "1009"}, HEAD)) == "archive.class_empty"
    elsewhere = f"/schools/{SCHOOLS[ELSEWHERE]}-{ELSEWHERE}/{YEAR}/archive-terms"
    assert code_of(await senior.world.post(elsewhere, body, HEAD)) == "students.elsewhere"
    members = (await senior.world.get(f"/archive-terms/{senior.term}/students", TEACHER)).json()["items"]
    assert [member["name"] for member in members] == [f"测试{place}" for place in range(4)]
    for who in (county_admin(), PROVINCE):
        assert (await senior.world.get(f"/archive-terms/{senior.term}", who)).status_code == 403


async def test_pupils_write_and_nobody_writes_in_their_place(senior: Senior) -> None:
    written = await senior.write(0)
    assert written.status_code == 201, written.text
    record = written.json()["id"]
    for who in (TEACHER, HEAD, OPERATOR):
        assert code_of(await senior.write(0, who)) == "archive.students_write"
    assert code_of(await senior.write(0, senior.pupil(1))) == "resource.not_found"
    faulty = await senior.write(0, fields={"began_on": "2099-01-01", "points": 3})
    faults = {(error["pointer"], error["code"]) for error in faulty.json()["errors"]}
    assert {("/fields/began_on", "archive.not_yet"), ("/fields/points", "archive.field_unknown")} <= faults
    assert code_of(await senior.write(0, text=f"同行者 {citizen_number(7)}")) == "archive.identity_number"
    assert code_of(await senior.write(0, type="proficiency_results")) == "archive.school_imports"

    said = await senior.world.post(senior.at(0, f"/records/{record}/guidance"), {"text": "可写写收获。"}, TEACHER)
    assert said.json()["guidance"] == ["可写写收获。"]
    assert said.json()["text"] == written.json()["text"]
    anew = {"fields": written.json()["fields"], "text": "整理图书两小时，学会了分类。"}
    corrected = await senior.world.put(senior.at(0, f"/records/{record}"), anew, senior.pupil(0))
    assert (corrected.json()["version"], corrected.json()["text"]) == (2, anew["text"])
    assert (
        code_of(await senior.world.put(senior.at(0, f"/records/{record}"), anew, TEACHER)) == "archive.students_write"
    )
    reason = {"reason": "日期和地点写错了"}
    gone = await senior.world.post(senior.at(0, f"/records/{record}:withdraw"), reason, senior.pupil(0))
    assert gone.json()["status"] == "withdrawn"
    assert code_of(await senior.world.put(senior.at(0, f"/records/{record}"), anew, senior.pupil(0))) == (
        "archive.record_gone"
    )


async def test_what_the_school_holds_comes_in_by_file_once(senior: Senior) -> None:
    lines = ["学籍号,学科,考试日期,结果"]
    lines += [f"{number},数学,2026-11-01,合格" for number in senior.numbers.values()]
    body = "\n".join(lines).encode()
    address = f"/archive-terms/{senior.term}/records:import?type=proficiency_results"
    headers = {"Content-Type": "text/csv"}
    dry = await senior.world.ask("POST", f"{address}&dry_run=true", OPERATOR, content=body, headers=headers)
    assert (dry.json()["written"], dry.json()["dry_run"]) == (4, True), dry.text
    sent = await senior.world.ask("POST", address, OPERATOR, content=body, headers=headers)
    assert (sent.json()["written"], sent.json()["known"]) == (4, 0)
    again = await senior.world.ask("POST", address, OPERATOR, content=body, headers=headers)
    assert (again.json()["written"], again.json()["known"]) == (0, 4)
    mine = (await senior.world.get(senior.at(2), senior.pupil(2))).json()
    assert [(record["type"], record["fields"]["result"]) for record in mine["records"]] == [
        ("proficiency_results", "合格")
    ]
    faulty = b"\xe5\xad\xa6\xe7\xb1\x8d\xe5\x8f\xb7,subject,held_on,result\nL99000199990000001,a,2026-11-01,b\n"
    refused = await senior.world.ask("POST", address, OPERATOR, content=faulty, headers=headers)
    assert code_of(refused) == "archive.file_refused"
    assert [(error["row"], error["code"]) for error in refused.json()["errors"]] == [(2, "archive.not_of_the_class")]
    template = await senior.world.get("/archive-policy/proficiency_results/template", OPERATOR)
    titles = pl.read_excel(io.BytesIO(template.content), sheet_id=1, has_header=False).row(0)
    assert set(titles) == {"学籍号", "学科", "考试日期", "结果"}
    unknown = await senior.world.get("/archive-policy/volunteering/template", OPERATOR)
    assert code_of(unknown) == "archive.students_write"
    other = f"/archive-terms/{senior.term}/records:import?type=volunteering"
    assert code_of(await senior.world.ask("POST", other, OPERATOR, content=body, headers=headers)) == (
        "archive.students_write"
    )


async def test_fitness_is_taken_from_the_schools_own_sheet(senior: Senior) -> None:
    address = f"/archive-terms/{senior.term}/records:from-fitness"
    assert (await senior.world.post(address, {}, OPERATOR)).status_code == 404
    numbers = [senior.numbers[key] for key in senior.keys[:2]]
    body = "\n".join([HEADER, f"{numbers[0]},{STRONG}", f"{numbers[1]},{WEAK}"]).encode()
    headers = {"Content-Type": "text/csv"}
    sheet = f"/fitness/{YEAR}/{COUNTY}-{SCHOOL}:import"
    sent = await senior.world.ask("POST", sheet, OPERATOR, content=body, headers=headers)
    assert sent.status_code == 200, sent.text
    taken = (await senior.world.post(address, {}, OPERATOR)).json()
    assert (taken["rows"], taken["written"]) == (2, 2)
    assert (await senior.world.post(address, {}, OPERATOR)).json()["known"] == 2
    [record] = (await senior.world.get(senior.at(1), senior.pupil(1))).json()["records"]
    assert (record["type"], record["fields"]["grade"]) == ("fitness_results", "不及格")
    assert code_of(await senior.world.post(address, {}, TEACHER)) == "auth.forbidden"


async def test_what_is_shown_is_frozen_doubted_and_verified(senior: Senior) -> None:
    records = [(await senior.write(place)).json()["id"] for place in range(4)]
    early = await senior.world.put(senior.at(0, "/choice"), {"records": records[:1]}, senior.pupil(0))
    assert code_of(early) == "archive.not_now"
    await senior.step("begin-selection")
    assert code_of(await senior.write(0)) == "archive.not_now"
    for place in (0, 1, 2):
        await senior.choose(place, [records[place]])
    # The fourth chose nothing: a dimension, and a term, may stay empty.
    await senior.choose(3, [])
    stale = await senior.world.put(senior.at(0, "/choice"), {"records": []}, senior.pupil(0))
    assert stale.json()["is_signed"] is False
    assert code_of(await senior.step("begin-publicity", {})) == "archive.unsigned"
    await senior.choose(0, records[:1])
    shown = await senior.step("begin-publicity", {})
    assert (shown.status_code, shown.json()["state"]) == (200, "in_publicity"), shown.text
    notice = (await senior.world.get(f"/archive-terms/{senior.term}/notice", senior.pupil(1))).json()
    assert [len(each["records"]) for each in notice["content"]["students"]] == [1, 1, 1, 0]
    assert notice["working_days"] == 10

    anew = {"fields": {}, "text": "改一改"}
    frozen = await senior.world.put(senior.at(0, f"/records/{records[0]}"), anew, senior.pupil(0))
    assert code_of(frozen) == "archive.frozen"
    assert code_of(await senior.write(0)) == "archive.frozen"
    assert code_of(await senior.step("verify", who=TEACHER)) == "publicity.not_over"

    doubts = f"/archive-terms/{senior.term}/doubts"
    raised = await senior.world.post(doubts, {"grounds": "当天社区图书室闭馆。", "points": []}, senior.pupil(1))
    assert raised.status_code == 201, raised.text
    doubt = raised.json()["id"]
    assert (await senior.world.get(f"{doubts}/{doubt}", senior.pupil(2))).status_code == 404
    await senior.end_window()
    assert code_of(await senior.step("verify", who=TEACHER)) == "archive.doubts_open"
    assert (await senior.world.post(f"{doubts}/{doubt}:accept", {"body": "予以受理。"}, TEACHER)).status_code == 200
    effect = {"student_key": senior.keys[0], "records": [records[0]], "reason": "经查当日闭馆，记录不实"}
    ruling = {"outcome": "rejected", "body": "未发现不实。"}
    assert (await senior.world.post(f"{doubts}/{doubt}:rule", ruling, TEACHER)).status_code == 200
    # Whoever is not content asks the committee, once; the term waits for it.
    asked = await senior.world.post(f"{doubts}/{doubt}:request-review", {"body": "闭馆通知可查。"}, senior.pupil(1))
    assert asked.status_code == 200, asked.text
    assert code_of(await senior.step("verify", who=TEACHER)) == "archive.doubts_open"
    decision = {"outcome": "upheld", "body": "经复核，质疑成立。", "effect": effect}
    ruled = await senior.world.post(f"{doubts}/{doubt}:decide-review", decision, HEAD)
    assert (ruled.status_code, ruled.json()["review_outcome"]) == (200, "upheld"), ruled.text
    verified = await senior.step("verify", who=TEACHER)
    assert verified.status_code == 200, verified.text
    assert verified.json()["state"] == "verified"
    mine = (await senior.world.get(f"/archives/{senior.keys[0]}", senior.pupil(0))).json()
    assert (mine["dimensions"]["morality"], mine["verified_terms"]) == ([], [f"{YEAR}-1"])
    others = (await senior.world.get(f"/archives/{senior.keys[1]}", TEACHER)).json()
    assert [record["id"] for record in others["dimensions"]["morality"]] == [records[1]]


async def test_a_notice_is_taken_down_for_a_change(senior: Senior) -> None:
    await senior.to_publicity()
    withdrawn = await senior.step("withdraw-publicity", {"reason": "漏传材料，补充后再公示"})
    assert withdrawn.json()["state"] == "selecting"
    again = await senior.step("begin-publicity", {})
    assert again.json()["state"] == "in_publicity"
    who = of_school(Role.STUDENT, person="b" * 26)
    assert (await senior.world.get(f"/archives/{senior.keys[0]}", who)).status_code == 404
