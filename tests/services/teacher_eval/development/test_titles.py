"""A person is nominated, reviewed against the rung's criteria, shown, recognized, followed up, renewed, and off it again."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from services.teacher_eval.titles.ending import TERMS_SWEEP, end_for_conduct
from shared.kernel import clock
from shared.kits.publicity import service as publicity
from shared.terms.actor import Role
from tests.services.teacher_eval.development.town import ROUND, TODAY, WAIVED, Town, key, teacher
from tests.support.city import CITY_ADMIN, COUNTIES, COUNTY, SCHOOL, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
OTHER_COUNTY = next(county for county in COUNTIES if county != COUNTY)
RECOGNITION = {"document": "县教认定〔2026〕5号", "text": "公示无异议"}


async def statement(town: Town, words: str, **values: Any) -> None:
    async with town.kernel.database.transaction("") as session:
        await session.execute(text(words), values)


async def recognized(town: Town, number: int = 0) -> Any:
    """A backbone teacher: the window is moved into the past, nothing else."""
    await town.open_round()
    assert (await town.nominate(number)).status_code == 201
    reviewed = await town.step("/reviews/review", county_admin(), number, waivers=WAIVED)
    assert reviewed.status_code == 200, reviewed.text
    shown = await town.post(f"/title-rounds/{ROUND}:begin-publicity", who=county_admin())
    assert shown.status_code == 200, shown.text
    return shown


@pytest.fixture
def end_window(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets the windows of notices be over."""

    def end() -> None:
        later = SimpleNamespace(now=lambda: clock.now() + dt.timedelta(days=30), today=clock.today, CHINA=clock.CHINA)
        monkeypatch.setattr(publicity, "clock", later)

    return end


async def test_the_register_is_read_from_the_roster_and_counted(working_town: Town) -> None:
    job = await working_town.refresh()
    assert job["result"] == {"staff": 72, "schools": 6}
    listed = await working_town.get("/staff-register", of_school())
    assert {row["school_code"] for row in listed.json()["items"]} == {SCHOOL}
    assert len(listed.json()["items"]) == 12
    assert (listed.json()["items"][0]["is_rural"], listed.json()["items"][0]["stages"]) == (True, "primary")
    assert code_of(await working_town.get("/staff-register", teacher())) == "auth.forbidden"


async def test_a_ladder_is_adopted_and_written_anew_without_losing_rungs(town: Town) -> None:
    built_in = (await town.get("/built-in-ladders")).json()
    assert {ladder["code"]: ladder["is_adopted"] for ladder in built_in}["teachers"] is False
    adopted = await town.post("/ladders/teachers:adopt")
    assert adopted.status_code == 201, adopted.text
    assert code_of(await town.post("/ladders/teachers:adopt")) == "ladder.known"
    content = {name: adopted.json()[name] for name in ("name", "track", "document", "verified", "in_force_on", "rungs")}
    body = content | {"document": "毕教通〔2026〕9号", "reason": "按文件调整条件"}
    dropped = await town.put("/ladders/teachers", body | {"rungs": content["rungs"][:2]}, match=adopted)
    assert code_of(dropped) == "ladder.rung_dropped"
    written = await town.put("/ladders/teachers", body, match=adopted)
    assert (written.status_code, [v["number"] for v in written.json()["versions"]]) == (200, [1, 2])
    assert (await town.get("/ladders/teachers", teacher())).status_code == 200


async def test_a_person_comes_to_a_rung_and_its_term(town: Town, end_window: Callable[[], None]) -> None:
    await recognized(town)
    notice = (await town.get(f"/title-rounds/{ROUND}/notice", of_school())).json()
    assert (notice["state"], [person["name"] for person in notice["content"]["people"]]) == ("open", ["教师100"])
    address = f"/title-rounds/{ROUND}:recognize"
    assert code_of(await town.post(address, RECOGNITION, county_admin())) == "publicity.not_over"
    end_window()
    done = await town.post(address, RECOGNITION, county_admin())
    assert (done.status_code, done.json()["state"]) == (200, "closed"), done.text
    title = (await town.title(who=of_school())).json()
    assert (title["state"], title["recognized_on"], title["document"]) == (
        "recognized", TODAY.isoformat(), RECOGNITION["document"],
    )  # fmt: skip
    assert dt.date.fromisoformat(title["term_ends_on"]) > TODAY + dt.timedelta(days=3 * 365 - 2)
    assert [entry["action"] for entry in title["entries"]] == ["nominate", "review", "show", "recognize"]
    assert {check["code"] for check in title["checks"] if check["status"] == "met"} >= {"grades", "honors", "conduct"}
    again = await town.post(f"/title-rounds/{ROUND}/titles/{key(1)}", {"text": "再推荐一人"}, of_school())
    assert code_of(again) == "title_round.over"


async def test_criteria_that_are_not_met_are_told_with_figures_and_pass_only_with_a_document(town: Town) -> None:
    await town.open_round()
    nominated = await town.nominate(stated={})
    assert nominated.json()["open_criteria"] == ["hours", "grades", "honors", "conduct"]
    refused = await town.step("/reviews/review", county_admin())
    assert code_of(refused) == "title.criteria_open"
    assert "hours 0 / 360" in refused.json()["detail"]
    words = {"reason": "支教期间培训记录缺失", "document": "县教函〔2026〕2号"}
    waivers = dict.fromkeys(("hours", "grades", "honors", "conduct"), words)
    passed = await town.step("/reviews/review", county_admin(), waivers=waivers)
    assert (passed.status_code, passed.json()["state"]) == (200, "reviewed"), passed.text
    assert passed.json()["checks"][0]["waiver"] == words


async def test_a_stated_violation_of_conduct_is_never_let_pass(town: Town) -> None:
    await town.open_round()
    await town.nominate(stated={"conduct": {"value": 1, "document": "处分决定"}})
    words = {"reason": "工作需要予以破格", "document": "会议纪要"}
    waivers = dict.fromkeys(("hours", "grades", "honors", "conduct"), words)
    refused = await town.step("/reviews/review", county_admin(), waivers=waivers)
    assert code_of(refused) == "title.conduct_not_waived"


async def test_each_step_has_its_own_people(town: Town) -> None:
    await town.open_round(seats={COUNTY: 1})
    assert (await town.nominate(0)).status_code == 201
    assert code_of(await town.nominate(0)) == "title.known"
    assert (await town.nominate(1)).status_code == 201
    elsewhere = of_school(Role.SCHOOL_ADMIN, "2199000003")
    assert (await town.title(who=elsewhere)).status_code == 404
    assert (await town.title(who=county_admin(OTHER_COUNTY))).status_code == 404
    address = f"/title-rounds/{ROUND}/titles/{key(0)}/reviews/review"
    assert code_of(await town.post(address, {"text": "自己审核"}, of_school(), match=1)) == "auth.forbidden"
    assert (await town.step("/reviews/review", county_admin(), 0, waivers=WAIVED)).status_code == 200
    assert code_of(await town.step("/reviews/review", county_admin(), 1)) == "title.no_seats"
    returned = await town.step("/reviews/return", county_admin(), 0)
    assert (returned.json()["state"], returned.json()["actions"]) == ("returned", [])
    own = (await town.title(0, who=of_school())).json()
    assert own["actions"] == ["nominate_again", "withdraw"]


async def test_a_rung_of_the_city_needs_years_on_the_one_below_and_the_city_decides(town: Town) -> None:
    await town.open_round("leaders-2026", "subject_leader")
    nominated = await town.nominate(0, "leaders-2026")
    found = {check["code"]: (check["status"], check["found"], check["needed"]) for check in nominated.json()["checks"]}
    assert found["backbone_years"] == ("not_met", "0", "3")
    refused = await town.step("/decisions/refuse", county_admin(), 0, "leaders-2026")
    assert code_of(refused) == "title.other_office"
    assert (await town.step("/decisions/refuse", CITY_ADMIN, 0, "leaders-2026")).json()["state"] == "refused"
    body = {"name": {"zh": "县设批次", "en": "County"}, "ladder": "teachers", "rung": "famous"}
    body |= {"nominations_end_on": TODAY.isoformat(), "document": "通知"}
    assert code_of(await town.put("/title-rounds/county-own", body, county_admin())) == "title_round.other_office"


async def test_terms_are_followed_up_renewed_and_ended(town: Town, end_window: Callable[[], None]) -> None:
    await recognized(town)
    end_window()
    await town.post(f"/title-rounds/{ROUND}:recognize", RECOGNITION, county_admin())
    missing = await town.step("/decisions/renew", county_admin(), document="续聘文件")
    assert code_of(missing) == "title.follow_up_missing"
    body = {"evaluated_on": TODAY.isoformat(), "verdict": "passed", "open_lessons": 4, "lectures": 1, "mentees": 2}
    body |= {"research_projects": 0, "text": "任期任务完成"}
    address = f"/title-rounds/{ROUND}/titles/{key(0)}/follow-ups"
    followed = await town.post(address, body, county_admin(), match=await town.title())
    assert (followed.status_code, followed.json()["follow_ups"][0]["mentees"]) == (201, 2), followed.text
    again = await town.post(address, body, county_admin(), match=await town.title())
    assert code_of(again) == "title.evaluated_already"
    first = (await town.title()).json()
    assert code_of(await town.step("/decisions/renew", county_admin())) == "title.document_missing"
    renewed = (await town.step("/decisions/renew", county_admin(), document="续聘文件")).json()
    begins = dt.date.fromisoformat(first["term_ends_on"]) + dt.timedelta(days=1)
    assert (renewed["state"], renewed["term_begins_on"]) == ("recognized", begins.isoformat())
    assert code_of(await town.step("/decisions/end", county_admin())) == "title.end_reason_missing"
    ended = (await town.step("/decisions/end", county_admin(), end_reason="resigned")).json()
    assert (ended["state"], ended["end_reason"]) == ("ended", "resigned")


async def test_a_term_that_is_over_and_a_violation_of_conduct_end_a_title(
    town: Town, end_window: Callable[[], None]
) -> None:
    await recognized(town)
    end_window()
    await town.post(f"/title-rounds/{ROUND}:recognize", RECOGNITION, county_admin())
    await statement(town, "update titles set term_ends_on = :day", day=TODAY - dt.timedelta(days=1))
    kernel = town.kernel
    assert await TERMS_SWEEP.run(kernel) == 1
    assert await TERMS_SWEEP.run(kernel) == 0
    assert (await town.title()).json()["end_reason"] == "expired"
    await statement(town, "update titles set state = 'recognized', ended_on = null, end_reason = null")
    async with kernel.database.transaction("") as session:
        assert await end_for_conduct(session, {key(0)}, on=TODAY, document="处理决定", actor=CITY_ADMIN) == 1
    title = (await town.title()).json()
    assert (title["state"], title["end_reason"]) == ("ended", "conduct")


async def test_what_was_said_is_never_changed(town: Town) -> None:
    await town.open_round()
    await town.nominate()
    with pytest.raises(Exception, match="final"):
        await statement(town, "update title_entries set body = 'x'")
