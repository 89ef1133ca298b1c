"""Audits over HTTP: what is planted is asked about, answered by the school, and asked again only when it is new."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from tests.services.student_eval.archive_audits.work import (
    AUDIT,
    COPIED,
    DRAWN,
    REVIEWER,
    TERM,
    announced_and_closed,
    audited,
    findings,
    run_job,
)
from tests.services.student_eval.archives.senior import HEAD, TEACHER, VOLUNTEERING, Senior
from tests.support.city import COUNTIES, COUNTY, PROVINCE, SCHOOL, code_of, county_admin, of_school

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("worker")]
FIELDS = VOLUNTEERING["fields"]
PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU"
PICTURE += b"\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82"


async def attach(senior: Senior, place: int, record: str) -> None:
    headers = {"Content-Type": "application/octet-stream", "Content-Disposition": 'attachment; filename="a.png"'}
    address = senior.at(place, f"/records/{record}/evidence")
    answer = await senior.world.ask("POST", address, senior.pupil(place), content=PICTURE, headers=headers)
    assert answer.status_code == 201, answer.text


async def test_what_is_planted_is_asked_about_and_answered(senior: Senior) -> None:
    copied = [(await senior.write(place, text=COPIED.replace("两", "三", place))).json()["id"] for place in (0, 1)]
    full = (await senior.write(2, fields=FIELDS | {"minutes": 1_000})).json()["id"]
    for place, record in enumerate(copied):
        await attach(senior, place, record)
    assert await audited(senior) == {"number": 1, "records": 3, "findings": 3}
    found = {row["kind"]: row for row in await findings(senior)}
    assert {kind: row["records"] for kind, row in found.items()} == {
        "same_file": sorted(copied),
        "near_text": sorted(copied),
        "record_overfull": [full],
    }
    over = found["record_overfull"]
    assert (over["figures"]["minutes"], over["figures"]["most_minutes"], over["severity"]) == (1_000, 960, "high")
    assert over["students"] == [senior.keys[2]]
    assert over["question"]["zh"].endswith("？")
    # The pupil mends it, the school clears the file: the next audit finds one question fewer and asks nothing anew.
    fields = {"fields": FIELDS, "text": VOLUNTEERING["text"]}
    await senior.world.put(senior.at(2, f"/records/{full}"), fields, senior.pupil(2))
    clear = f"{AUDIT}/findings/{found['same_file']['id']}:clear"
    body = {"reason": "两人同去，照片共用"}
    assert code_of(await senior.world.post(clear, body, HEAD, match=9)) == "request.precondition_failed"
    cleared = await senior.world.post(clear, body, HEAD, match=1)
    assert (cleared.json()["state"], cleared.json()["steps"]) == ("cleared", ["reopen"])
    assert (await audited(senior))["findings"] == 2
    states = {row["kind"]: row["state"] for row in await findings(senior)}
    assert states == {"same_file": "cleared", "near_text": "open", "record_overfull": "lapsed"}
    # A record that pupils can still change is theirs to mend.
    refer = f"{AUDIT}/findings/{found['near_text']['id']}:refer"
    referred = {"records": copied[:1], "reason": "经查系抄录他人描述"}
    assert code_of(await senior.world.post(refer, referred, HEAD, match=1)) == "archive.not_now"
    other = {"records": [full], "reason": "经查系抄录他人描述"}
    assert code_of(await senior.world.post(refer, other, HEAD, match=1)) == "archive_audit.not_concerned"


async def test_offices_see_counts_and_nobody_else_sees_anything(senior: Senior) -> None:
    await senior.write(0, fields=FIELDS | {"minutes": 1_000})
    assert code_of(await senior.world.get(AUDIT, HEAD)) == "resource.not_found"
    await audited(senior)
    told = (await senior.world.get(AUDIT, REVIEWER)).json()
    assert [(each["kind"], each["states"]) for each in told["kinds"]] == [("record_overfull", {"open": 1})]
    assert senior.keys[0] not in str(told)
    assert told["parameters_verified"] is False
    assert code_of(await senior.world.get(f"{AUDIT}/findings", REVIEWER)) == "auth.forbidden"
    for who in (TEACHER, PROVINCE, senior.pupil(0)):
        assert code_of(await senior.world.get(AUDIT, who)) == "auth.forbidden"
    neighbor = county_admin(next(county for county in COUNTIES if county != COUNTY))
    assert (await senior.world.get(AUDIT, neighbor)).status_code == 404
    assert code_of(await senior.world.post(f"{AUDIT}:run", who=neighbor)) == "archive_audit.elsewhere"
    assert code_of(await senior.world.post(f"{AUDIT}:run", who=of_school(school="2199000003"))) == (
        "archive_audit.elsewhere"
    )
    empty = await senior.world.post(f"{AUDIT.replace(TERM, '2025-2026-1')}:run", who=HEAD)
    job = await run_job(senior, empty)
    assert (job["state"], job["problem"]["code"]) == ("failed", "archive_audit.no_term")


async def test_a_chain_that_was_tampered_with_is_named_and_nothing_is_drawn_from_it(senior: Senior) -> None:
    records = await senior.to_publicity()
    statement = (
        "update archive_entries set payload = replace(payload, '120', '420') where number = 1 and student_key = "
    )
    await senior.forge("archive_entries", f"{statement}'{senior.keys[1]}'")
    await audited(senior)
    (broken,) = await findings(senior, kind="broken_chain")
    assert (broken["students"], broken["records"], broken["figures"]["number"]) == ([senior.keys[1]], [], 1)
    await announced_and_closed(senior)
    frame = (await senior.world.get(f"{DRAWN}/schools/{SCHOOL}/frame", REVIEWER)).text
    assert sorted(record for record in records if record in frame) == sorted({*records} - {records[1]})


async def test_a_file_of_another_school_is_told_without_whose_it_is(senior: Senior) -> None:
    record = (await senior.write(0)).json()["id"]
    await attach(senior, 0, record)
    other = of_school(school="2199000003").org
    copy = "insert into evidence_files select (jsonb_populate_record(f, jsonb_build_object("
    copy += (
        f"'id', gen_random_uuid(), 'subject_key', gen_random_uuid(), 'org_path', '{other}'))).* from evidence_files f"
    )
    await senior.run(copy)
    await audited(senior)
    (found,) = await findings(senior)
    assert (found["kind"], found["records"], found["figures"]["elsewhere"]) == ("file_elsewhere", [record], 1)
    mine = (await senior.world.get(f"/own-data/{senior.keys[0]}/export", senior.pupil(0))).content
    with zipfile.ZipFile(io.BytesIO(mine)) as package:
        (own,) = json.loads(package.read("findings.json"))["items"]
    assert (own["kind"], own["records"], own["state"]) == ("file_elsewhere", [record], "open")


async def test_a_finding_is_referred_to_the_ordinary_doubt(senior: Senior) -> None:
    records = [(await senior.write(place, text=COPIED)).json()["id"] for place in range(4)]
    await senior.step("begin-selection")
    for place, record in enumerate(records):
        await senior.choose(place, [record])
    assert (await senior.step("begin-publicity", {})).status_code == 200
    await audited(senior)
    (near,) = await findings(senior, kind="near_text")
    refer = f"{AUDIT}/findings/{near['id']}:refer"
    body = {"records": records[:2], "reason": "经查系抄录他人描述"}
    referred = (await senior.world.post(refer, body, HEAD, match=near["version"])).json()
    assert (referred["state"], len(referred["opened"])) == ("referred", 2)
    # One doubt about the class's term holds both records.
    (doubt,) = {each["doubt"] for each in referred["opened"]}
    told = (await senior.world.get(f"/archive-terms/{senior.term}/doubts/{doubt}", HEAD)).json()
    assert told["points"] == [f"{senior.keys[0]}/{records[0]}"]
    assert [message["kind"] for message in told["messages"]] == ["submitted", "comment"]
    assert (await audited(senior))["findings"] == 1
    assert [row["state"] for row in await findings(senior)] == ["referred"]
