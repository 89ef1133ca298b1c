"""Samples: the seed is committed to before the frame, anybody follows the draw, and what is false is opened."""

from __future__ import annotations

import hashlib
import json

import pytest

from shared.terms.actor import Actor
from tests.services.student_eval.archive_audits.work import DRAW, DRAWN, REVIEWER, SAMPLE, SEED, TERM, drawn, run_job
from tests.services.student_eval.archives.senior import HEAD, PRINCIPAL, TEACHER, Senior
from tests.services.student_eval.minors.family import citizen, guardian, send_guardians
from tests.support.city import CITY_ADMIN, COUNTIES, COUNTY, SCHOOL, code_of, county_admin, of_school

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("worker")]
FALSE = {"outcome": "false", "reason": "走访社区，当日图书室闭馆"}
CONFIRMED = {"outcome": "confirmed", "reason": "走访社区，情况属实"}


async def mother_of(senior: Senior, place: int) -> Actor:
    """Makes somebody guardian of a pupil, by the school's sheet."""
    rows = [f"{senior.numbers[senior.keys[place]]},{citizen(1)},母亲,"]
    assert (await send_guardians(senior.world, rows)).status_code == 200
    return guardian(senior.world, 1)


async def test_a_draw_that_anybody_can_follow_with_sha256_alone(senior: Senior) -> None:
    records = await senior.to_publicity()
    rows = await drawn(senior)
    sample = (await senior.world.get(DRAWN, HEAD)).json()
    (own,) = sample["schools"]
    frame = (await senior.world.get(f"{DRAWN}/schools/{SCHOOL}/frame", HEAD)).content
    assert hashlib.sha256(frame).hexdigest() == own["frame_hash"]
    assert hashlib.sha256(f"{SCHOOL}:{own['frame_hash']}".encode()).hexdigest() == sample["frame_hash"]
    assert hashlib.sha256(f"{TERM}:{sample['seed']}".encode()).hexdigest() == sample["seed_commitment"]
    lines = [json.loads(line) for line in frame.splitlines()]
    assert sorted(line["record"] for line in lines) == sorted(records)
    assert not any(key in frame.decode() for key in senior.keys)

    def ticket(record: str) -> str:
        return hashlib.sha256(f"{SEED}:{own['frame_hash']}:{record}".encode()).hexdigest()

    # Half of four records of one class, none of them flagged.
    assert {row["record"] for row in rows} == set(sorted(records, key=ticket)[:2])
    assert all(row["student_key"] is None for row in rows)
    verified = (await senior.world.get(f"{DRAWN}/verification", REVIEWER)).json()
    assert verified == {"is_verified": True, "differences": []}
    await senior.run("delete from sampled_records where id = (select min(id::text)::uuid from sampled_records)")
    assert (await senior.world.get(f"{DRAWN}/verification", HEAD)).json()["differences"] == ["records"]


async def a_city_tells_each_county_of_its_own(senior: Senior) -> None:
    whole = await senior.world.post("/archive-samples", SAMPLE | {"code": "whole-city"})
    address = "/archive-samples/9900/whole-city"
    await run_job(senior, await senior.world.post(f"{address}:close-frame", match=whole), CITY_ADMIN)
    near, far = (county_admin(county) for county in sorted(COUNTIES, key=lambda county: county != COUNTY))
    frame = f"{address}/schools/{SCHOOL}/frame"
    for who, schools, status in ((CITY_ADMIN, [SCHOOL], 200), (near, [SCHOOL], 200), (far, [], 404)):
        told = (await senior.world.get(address, who)).json()
        assert ([each["school_code"] for each in told["schools"]], told["state"]) == (schools, "frame_closed")
        assert (await senior.world.get(frame, who)).status_code == status


async def test_seed_frame_and_draw_come_in_their_order(senior: Senior) -> None:
    announced = await senior.world.post("/archive-samples", SAMPLE, REVIEWER)
    assert code_of(await senior.world.post("/archive-samples", SAMPLE, REVIEWER)) == "archive_sample.known"
    early = await senior.world.post(f"{DRAWN}:draw", DRAW, REVIEWER, match=announced)
    assert code_of(early) == "workflow.not_allowed"
    nothing = await senior.world.post(f"{DRAWN}:close-frame", who=REVIEWER, match=announced)
    assert (await run_job(senior, nothing, REVIEWER))["problem"]["code"] == "archive_sample.nothing_to_draw"
    await senior.to_publicity()
    await run_job(senior, await senior.world.post(f"{DRAWN}:close-frame", who=REVIEWER, match=announced), REVIEWER)
    closed = await senior.world.get(DRAWN, REVIEWER)
    assert code_of(await senior.world.get(f"{DRAWN}/verification", HEAD)) == "archive_sample.not_drawn"
    other = DRAW | {"seed": "another seed, more to my liking"}
    assert code_of(await senior.world.post(f"{DRAWN}:draw", other, REVIEWER, match=closed)) == (
        "archive_sample.other_seed"
    )
    # Schools read the office's sample and can do nothing to it; other counties do not know of it.
    assert code_of(await senior.world.post(f"{DRAWN}:draw", DRAW, HEAD, match=closed)) == "resource.not_found"
    assert (
        await senior.world.get(f"{DRAWN}/schools/{SCHOOL}/frame", of_school(school="2199000003"))
    ).status_code == 404
    await a_city_tells_each_county_of_its_own(senior)
    neighbor = county_admin(next(county for county in COUNTIES if county != COUNTY))
    assert (await senior.world.get(DRAWN, neighbor)).status_code == 404
    assert (await senior.world.post(f"{DRAWN}:draw", DRAW, REVIEWER, match=closed)).status_code == 200
    again = await senior.world.get(DRAWN, REVIEWER)
    assert code_of(await senior.world.post(f"{DRAWN}:draw", DRAW, REVIEWER, match=again)) == "workflow.not_allowed"


async def test_two_sides_examine_and_what_is_false_becomes_a_doubt(senior: Senior) -> None:
    await senior.to_publicity()
    one, two = [row["record"] for row in await drawn(senior)]
    seen = (await senior.world.get(f"{DRAWN}/records/{one}", REVIEWER)).json()
    assert (seen["type"], seen["fields"]["certifier"], seen["student_key"]) == ("volunteering", "居委会", None)
    assert not any(key in str(seen) for key in senior.keys)
    examine = f"{DRAWN}/records/{one}:examine"
    school = (await senior.world.post(examine, CONFIRMED, HEAD)).json()
    assert (school["outcome"], school["opened"]) == ("confirmed", None)
    assert school["student_key"] in senior.keys
    # The office does not know what the school found before it has spoken itself.
    seen = (await senior.world.get(f"{DRAWN}/records/{one}", REVIEWER)).json()
    assert (seen["outcome"], seen["examinations"]) == (None, [])
    office = (await senior.world.post(examine, FALSE, REVIEWER)).json()
    assert (office["outcome"], [each["outcome"] for each in office["examinations"]]) == (
        "false",
        ["false", "confirmed"],
    )
    assert code_of(await senior.world.post(examine, FALSE, REVIEWER)) == "archive_sample.examined"
    assert code_of(await senior.world.post(examine, FALSE, TEACHER)) == "auth.forbidden"
    doubts = f"/archive-terms/{senior.term}/doubts/{office['opened']['doubt']}"
    effect = {"student_key": school["student_key"], "records": [one], "reason": "经查当日闭馆，记录不实"}
    assert (await senior.world.post(f"{doubts}:accept", {"body": "予以受理。"}, HEAD)).status_code == 200
    ruling = {"outcome": "upheld", "body": "经查属实。", "effect": effect}
    assert (await senior.world.post(f"{doubts}:rule", ruling, HEAD)).status_code == 200
    assert (await senior.world.get(f"{DRAWN}/records/{one}", HEAD)).json()["status"] == "cancelled"
    assert (await senior.world.post(f"{DRAWN}/records/{two}:examine", CONFIRMED, REVIEWER)).status_code == 200
    # Two examined records are too few for the office to be told a rate of; the school sees its own.
    (rate,) = (await senior.world.get(f"{DRAWN}/rates", REVIEWER)).json()["items"]
    assert (rate["drawn"], rate["examined"], rate["false_rate"], rate["is_withheld"]) == (2, None, None, True)
    (own,) = (await senior.world.get(f"{DRAWN}/rates", HEAD)).json()["items"]
    assert (own["examined"], own["false"], own["false_rate"], own["estimated_false_rate"]) == (2, 1, 0.5, 0.5)
    assert own["ci_low"] < 0.1 < 0.9 < own["ci_high"]


async def test_a_false_record_of_a_verified_term_is_cancelled_by_two_after_the_pupil_was_heard(senior: Senior) -> None:
    records = await senior.to_publicity()
    await senior.end_window()
    assert (await senior.step("verify", who=TEACHER)).status_code == 200
    (one, _) = [row["record"] for row in await drawn(senior)]
    opened = (await senior.world.post(f"{DRAWN}/records/{one}:examine", FALSE, HEAD)).json()["opened"]
    place = records.index(one)
    pupil, address = senior.pupil(place), f"/archive-cancellations/{opened['cancellation']}"
    proposed = await senior.world.get(address, pupil)
    assert (proposed.json()["state"], proposed.json()["reason"]) == ("proposed", FALSE["reason"])
    assert (await senior.world.get(address, senior.pupil((place + 1) % 4))).status_code == 404
    again = {"student_key": senior.keys[place], "term": TERM, "record": one, "reason": "再次提出取消"}
    assert code_of(await senior.world.post("/archive-cancellations", again, PRINCIPAL)) == (
        "archive_cancellation.proposed_already"
    )
    decision = {"decision": "经核查不实，予以取消。", "document": "校综评〔2026〕5号"}
    confirm = f"{address}:confirm"
    assert code_of(await senior.world.post(confirm, decision, HEAD, match=proposed)) == (
        "archive_cancellation.own_proposal"
    )
    assert code_of(await senior.world.post(confirm, decision, PRINCIPAL, match=proposed)) == (
        "archive_cancellation.not_heard"
    )
    words = {"text": "当天改在文化站活动，地点填写有误。"}
    mother = await mother_of(senior, place)
    assert [each["id"] for each in (await senior.world.get("/archive-cancellations", mother)).json()["items"]] == [
        proposed.json()["id"]
    ]
    stranger = senior.pupil((place + 1) % 4)
    assert (await senior.world.post(f"{address}:state", words, stranger)).status_code == 404
    stated = await senior.world.post(f"{address}:state", words, mother)
    assert (stated.json()["statement"], stated.json()["stated_as"]) == (words["text"], "guardian")
    assert code_of(await senior.world.post(f"{address}:state", words, pupil)) == "archive_cancellation.stated"
    done = await senior.world.post(confirm, decision, PRINCIPAL, match=stated)
    assert (done.status_code, done.json()["state"]) == (200, "confirmed"), done.text
    assert code_of(await senior.world.post(f"{address}:state", words, pupil)) == "archive_cancellation.decided"
    chain = (await senior.world.get(f"/archives/{senior.keys[place]}/chain", pupil)).json()["items"]
    assert (chain[-1]["kind"], chain[-1]["payload"]["document"]) == ("record_cancelled", decision["document"])
    archive = (await senior.world.get(f"/archives/{senior.keys[place]}", pupil)).json()
    assert archive["dimensions"]["morality"] == []
    county = (await senior.world.get("/archive-cancellations", REVIEWER)).json()["items"]
    assert [(each["state"], each["student_key"]) for each in county] == [("confirmed", None)]


async def test_a_sealed_archive_is_reopened_first_and_a_record_may_be_let_stand(senior: Senior) -> None:
    records = await senior.to_publicity()
    shown = {"student_key": senior.keys[0], "term": TERM, "record": records[0], "reason": "走访后认为不实"}
    assert code_of(await senior.world.post("/archive-cancellations", shown, HEAD)) == (
        "archive_cancellation.not_verified"
    )
    await senior.end_window()
    await senior.step("verify", who=TEACHER)
    whole = f"/archives/{senior.keys[0]}"
    await senior.world.put(f"{whole}/statement", {"text": "坚持志愿服务三年。"}, senior.pupil(0))
    await senior.world.put(f"{whole}/comment", {"text": "踏实、热心。"}, TEACHER)
    await senior.world.post(f"{whole}:check", {"text": "材料齐全，属实。"}, HEAD)
    early = await senior.world.post("/archive-cancellations", shown, REVIEWER)
    assert code_of(await senior.world.post(f"{whole}:seal", who=PRINCIPAL)) == "archive_cancellation.under_way"
    stands = {"decision": "复核后证明属实。"}
    dropped = await senior.world.post(f"/archive-cancellations/{early.json()['id']}:drop", stands, HEAD, match=early)
    assert dropped.status_code == 200
    assert (await senior.world.post(f"{whole}:seal", who=PRINCIPAL)).status_code == 200
    proposed = await senior.world.post("/archive-cancellations", shown, REVIEWER)
    assert (proposed.status_code, proposed.json()["student_key"]) == (201, None), proposed.text
    address = f"/archive-cancellations/{proposed.json()['id']}"
    # The pupil says nothing and the days are over.
    await senior.run("update record_cancellations set statement_until = now() - interval '1 minute'")
    decision = {"decision": "经核查不实，予以取消。", "document": "校综评〔2026〕6号"}
    sealed = await senior.world.post(f"{address}:confirm", decision, HEAD, match=proposed)
    assert code_of(sealed) == "archive.sealed"
    dropped = await senior.world.post(f"{address}:drop", stands, HEAD, match=proposed)
    assert (dropped.json()["state"], dropped.json()["steps"]) == ("dropped", [])
    assert (await senior.world.get(f"{whole}/integrity", HEAD)).json()["holds"] is True
