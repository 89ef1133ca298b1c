"""Preview, teachers, school, county: who teaches whom is said by whoever knows it, and frozen before it is used."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.teacher_eval.teaching_links import repository
from services.teacher_eval.teaching_links.service.closing import LINKS_SWEEP
from shared.kernel import clock
from tests.services.teacher_eval.development.town import key, teacher
from tests.services.teacher_eval.links.teaching import CHINESE, HERE, MATH, WHOLE, WINDOW, YEAR, Staffroom
from tests.support.city import CITY, CITY_ADMIN, COUNTY, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
WHY = {"reason": "课表与实际不符"}


async def test_the_preview_is_what_the_roster_says_of_the_offices_schools(staffroom: Staffroom) -> None:
    found = await staffroom.preview()
    # School 3 is of the same county; withdrawn rows, posts of class teachers and the other county's school are no links.
    assert found == {"schools": 2, "links": 5, "schools_before": 0, "schools_elsewhere": 0}
    own = await staffroom.own_links(0)
    assert own.keys() == {"c1", "c2"}
    assert (own["c1"]["state"], own["c1"]["subject_zh"], own["c1"]["share"]) == ("previewed", "数学", 1)
    school = (await staffroom.school()).json()
    assert (school["state"], school["counts"], school["is_overdue"]) == ("previewed", {"previewed": 4}, False)
    assert await staffroom.preview_again() == {"schools": 0, "links": 0, "schools_before": 2, "schools_elsewhere": 0}
    # The city's own window takes only what no county verifies.
    assert (await staffroom.put(f"/link-windows/{YEAR}", {})).status_code == 201
    job = await staffroom.run_job(await staffroom.post(f"/link-windows/{YEAR}:preview"))
    assert job["result"] == {"schools": 1, "links": 1, "schools_before": 0, "schools_elsewhere": 2}


async def test_a_teacher_confirms_disputes_and_claims_their_own(staffroom: Staffroom) -> None:
    await staffroom.preview()
    assert (await staffroom.say(0, "c1", "confirm")).json()["state"] == "confirmed"
    less = WHOLE | WHY | {"share": 0.4}
    assert (await staffroom.say(0, "c2", "dispute", **less)).json()["claimed"]["share"] == 0.4
    claim = WHOLE | WHY | {"school": HERE, "school_year": YEAR, "class_code": "c9", "grade_level": 3, "subject": MATH}
    claimed = await staffroom.post("/own-teaching-links:claim", claim, teacher(0))
    assert (claimed.status_code, claimed.json()["state"], claimed.json()["share"]) == (201, "disputed", 0)
    assert code_of(await staffroom.post("/own-teaching-links:claim", claim, teacher(0))) == "teaching_link.known"
    assert code_of(await staffroom.say(0, "c9", "confirm")) == "teaching_link.own_claim"
    # Another's link is nobody's business.
    link = (await staffroom.own_links(0))["c1"]
    assert (
        code_of(await staffroom.post(f"/own-teaching-links/{link['id']}:confirm", {}, teacher(1)))
        == "resource.not_found"
    )
    assert code_of(await staffroom.get(f"/teaching-links/{link['id']}", teacher(0))) == "auth.forbidden"
    steps = (await staffroom.get(f"/teaching-links/{link['id']}", of_school())).json()["steps"]
    assert [step["step"] for step in steps] == ["confirmed"]
    outside = WHOLE | WHY | {"ends_on": "2027-09-30"}
    assert code_of(await staffroom.say(0, "c1", "dispute", **outside)) == "teaching_link.dates"
    for wrong, code in (({"share": 0}, "teaching_link.no_share"), ({"subject": "xx"}, "teaching_link.subject")):
        answer = await staffroom.post("/own-teaching-links:claim", claim | {"class_code": "c8"} | wrong, teacher(0))
        assert [fault["code"] for fault in answer.json()["errors"]] == [code]


async def test_the_whole_way_freezes_what_was_said(staffroom: Staffroom) -> None:
    await staffroom.preview()
    closed = await staffroom.close_all()
    assert (closed["state"], len(closed["links_sha256"]), closed["counts"]) == ("closed", 64, {"confirmed": 4})
    async with staffroom.kernel.database.transaction(CITY) as session:
        frame = await repository.verified(session, CITY_ADMIN, YEAR, CITY)
        assert frame.select("class_code", "subject", "share").rows() == [
            ("c1", CHINESE, 0.5), ("c1", CHINESE, 0.5), ("c1", MATH, 1.0), ("c2", MATH, 1.0)
        ]  # fmt: skip
        assert await repository.frozen_hashes(session, CITY_ADMIN, YEAR, CITY) == [closed["links_sha256"]]
    assert code_of(await staffroom.step("return", body=WHY)) == "workflow.not_allowed"
    link = (await staffroom.own_links(0))["c1"]
    assert code_of(await staffroom.decide(link)) == "teaching_link.not_deciding"
    assert code_of(await staffroom.say(0, "c1", "confirm")) == "teaching_link.late"
    with pytest.raises(DBAPIError, match="final"):
        async with staffroom.kernel.database.transaction("") as session:
            await session.execute(text("update verified_links set share = 0.1"))


async def test_who_says_nothing_is_counted_as_silent(staffroom: Staffroom) -> None:
    await staffroom.preview()
    await staffroom.say(0, "c1", "confirm")
    assert code_of(await staffroom.step("decide")) == "teaching_link.still_open"
    assert await LINKS_SWEEP.run(staffroom.kernel) == 0
    await staffroom.time_passes()
    assert code_of(await staffroom.say(0, "c2", "confirm")) == "teaching_link.late"
    assert await LINKS_SWEEP.run(staffroom.kernel) == 2
    school = (await staffroom.school()).json()
    assert (school["state"], school["counts"]) == ("deciding", {"confirmed": 1, "silent": 3})
    await staffroom.step("finish")
    closed = (await staffroom.step("close")).json()
    assert closed["state"] == "closed"
    async with staffroom.kernel.database.transaction(CITY) as session:
        frame = await repository.verified(session, CITY_ADMIN, YEAR, CITY)
    # Silent ones stand as previewed, and are flagged.
    assert frame["is_silent"].to_list() == [True, True, False, True]


async def test_silent_links_may_be_left_out_instead(staffroom: Staffroom) -> None:
    await staffroom.preview(silent_links="drop")
    await staffroom.say(0, "c1", "confirm")
    await staffroom.time_passes()
    for step in ("decide", "finish", "close"):
        assert (await staffroom.step(step)).status_code == 200
    async with staffroom.kernel.database.transaction(CITY) as session:
        frame = await repository.verified(session, CITY_ADMIN, YEAR, CITY)
    assert frame.select("class_code", "subject").rows() == [("c1", MATH)]
    window = await staffroom.get("/link-windows", county_admin())
    change = await staffroom.put(
        f"/link-windows/{YEAR}", {"silent_links": "stand"}, county_admin(), match=window.json()["items"][0]["version"]
    )
    assert code_of(change) == "teaching_link.window_in_use"


async def test_the_school_decides_what_is_disputed_and_gives_nothing_out_twice(staffroom: Staffroom) -> None:
    await staffroom.preview()
    await staffroom.say(0, "c1", "confirm")
    await staffroom.say(0, "c2", "confirm")
    await staffroom.say(2, "c1", "confirm")
    await staffroom.say(1, "c1", "dispute", **(WHOLE | WHY))
    assert (await staffroom.step("decide")).status_code == 200
    assert code_of(await staffroom.step("finish")) == "teaching_link.undecided"
    disputed = (await staffroom.get(f"{WINDOW}/schools/{HERE}/links?state=disputed", of_school())).json()["items"][0]
    assert disputed["staff_key"] == key(1)
    too_much = await staffroom.decide(disputed)
    assert (too_much.status_code, too_much.json()["share"]) == (200, 1)
    refused = await staffroom.step("finish")
    assert code_of(refused) == "teaching_link.share_exceeded"
    assert [fault["value"] for fault in refused.json()["errors"]] == ["c1"]
    settled = await staffroom.decide(too_much.json(), share=0.5)
    assert [step["step"] for step in settled.json()["steps"]] == ["disputed", "decided", "decided"]
    assert (await staffroom.step("finish")).json()["state"] == "decided"
    assert (await staffroom.step("return", body=WHY)).json()["state"] == "deciding"
    assert (await staffroom.step("finish")).status_code == 200
    assert (await staffroom.step("close")).status_code == 200


async def test_nobody_decides_about_their_own_link(staffroom: Staffroom) -> None:
    await staffroom.preview()
    await staffroom.time_passes()
    await staffroom.step("decide")
    link = (await staffroom.own_links(0))["c1"]
    head = of_school(person=key(0))
    answer = await staffroom.post(f"/teaching-links/{link['id']}:decide", WHOLE | WHY, head, match=link["version"])
    assert code_of(answer) == "teaching_link.own_link"


async def test_who_may_do_what(staffroom: Staffroom) -> None:
    await staffroom.preview()
    assert code_of(await staffroom.put(f"/link-windows/{YEAR}", {}, of_school())) == "auth.forbidden"
    assert code_of(await staffroom.get(f"{WINDOW}/schools", teacher(0))) == "auth.forbidden"
    assert code_of(await staffroom.step("close", of_school())) == "auth.forbidden"
    elsewhere = await staffroom.get(f"{WINDOW}/schools/{HERE}", of_school(school="2199000003"))
    assert code_of(elsewhere) == "resource.not_found"
    other = county_admin("990001")
    assert other.org != county_admin().org
    assert code_of(await staffroom.get(f"/link-windows/{COUNTY}/{YEAR}/schools", other)) == "resource.not_found"
    items = (await staffroom.get(f"{WINDOW}/schools", county_admin())).json()["items"]
    assert len(items) == 2
    assert all(clock.now().isoformat() < item["due_at"] for item in items)
    short = await staffroom.put(f"/link-windows/{YEAR}", {"confirm_days": 1}, CITY_ADMIN)
    assert code_of(short) == "teaching_link.days"
