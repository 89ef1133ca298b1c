"""A mentor of another school and a mentee: both agree, one enters, the other confirms, both review."""

import datetime as dt
from typing import Any

import pytest

from services.teacher_eval.mentoring.rules import require_finished
from shared.terms.errors import DomainError
from tests.services.teacher_eval.development.town import TODAY, Town, key, teacher
from tests.support.city import CITY_ADMIN, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
ELSEWHERE = "2199000004"
MENTOR, MENTEE, STRANGER = teacher(0, ELSEWHERE), teacher(0), teacher(1)
BODY = {
    "mentor_key": key(0, ELSEWHERE),
    "mentee_key": key(0),
    "subject": "13",
    "starts_on": (TODAY - dt.timedelta(days=60)).isoformat(),
    "ends_on": (TODAY + dt.timedelta(days=200)).isoformat(),
    "goals": "一年内独立承担公开课",
    "lessons_needed": 1,
}
LESSON = {"taught_by": "mentee", "topic": "分数的意义", "advice": "问题串再集中一些"}
REVIEW = {"school_year": "2026-2027", "semester": 1, "progress": 4, "text": "进步明显"}


async def proposed(town: Town) -> str:
    made = await town.post("/mentoring-pairs", BODY, of_school())
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def agreed(town: Town) -> str:
    pair = f"/own-mentoring-pairs/{await proposed(town)}"
    for who in (MENTOR, MENTEE):
        answer = await town.post(f"{pair}:agree", who=who)
        assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "agreed"
    return pair


async def complete(town: Town, pair: str, who: Any = None) -> Any:
    address = pair.replace("/own-", "/")
    match = await town.get(address, of_school())
    return await town.post(f"{address}:complete", {"reason": "任务全部完成"}, who or of_school(), match=match)


def test_what_is_missing_is_told() -> None:
    with pytest.raises(DomainError) as refused:
        require_finished(lessons=1, needed=2, reviewed={"mentor"})
    assert refused.value.params == {"lessons": 1, "needed": 2, "sides": "mentee"}
    require_finished(lessons=2, needed=2, reviewed={"mentor", "mentee"})


async def test_a_pair_across_schools_comes_to_its_end_and_counts(town: Town) -> None:
    pair = await agreed(town)
    lesson = f"{pair}/lessons/{TODAY.isoformat()}/3"
    entered = await town.put(lesson, LESSON, MENTOR)
    assert (entered.status_code, entered.json()["lessons"][0]["confirmed_at"]) == (200, None), entered.text
    assert (await town.put(lesson, LESSON, MENTOR)).status_code == 200
    assert code_of(await town.post(f"{lesson}:confirm", who=MENTOR)) == "mentoring.own_entry"
    assert code_of(await town.put(lesson, LESSON | {"topic": "改"}, MENTEE)) == "mentoring.others_entry"
    confirmed = await town.post(f"{lesson}:confirm", who=MENTEE)
    assert confirmed.json()["lessons"][0]["confirmed_at"] is not None
    assert code_of(await town.put(lesson, LESSON | {"topic": "改"}, MENTOR)) == "mentoring.lesson_confirmed"
    assert code_of(await complete(town, pair)) == "mentoring.unfinished"
    for who in (MENTOR, MENTEE):
        assert (await town.post(f"{pair}/reviews", REVIEW, who)).status_code == 201
    assert code_of(await town.post(f"{pair}/reviews", REVIEW, MENTEE)) == "mentoring.reviewed_already"
    done = await complete(town, pair)
    assert (done.json()["state"], done.json()["completed_on"]) == ("completed", TODAY.isoformat()), done.text
    assert [review["side"] for review in done.json()["reviews"]] == ["mentor", "mentee"]
    await town.open_round("leaders-2026", "subject_leader")
    nominee = key(0, ELSEWHERE)
    address = f"/title-rounds/leaders-2026/titles/{nominee}"
    nominated = await town.post(address, {"text": "推荐"}, of_school(school=ELSEWHERE))
    found = {check["code"]: check["status"] for check in nominated.json()["checks"]}
    assert found["mentoring"] == "met"


async def test_a_pair_is_its_two_peoples_and_their_schools(town: Town) -> None:
    pair = await agreed(town)
    assert [row["id"] for row in (await town.get("/own-mentoring-pairs", MENTOR)).json()["items"]] == [pair[21:]]
    assert (await town.get("/own-mentoring-pairs", STRANGER)).json()["items"] == []
    assert (await town.get(pair, STRANGER)).status_code == 404
    assert (await town.put(f"{pair}/lessons/{TODAY.isoformat()}/1", LESSON, STRANGER)).status_code == 404
    assert (await town.get(pair.replace("/own-", "/"), of_school(school=ELSEWHERE))).status_code == 404
    assert (await town.get(pair.replace("/own-", "/"), county_admin())).status_code == 200
    assert code_of(await town.post("/mentoring-pairs", BODY, of_school())) == "mentoring.standing"
    unknown = BODY | {"mentor_key": "z" * 26}
    assert code_of(await town.post("/mentoring-pairs", unknown, CITY_ADMIN)) == "mentoring.mentor_unknown"


async def test_nothing_is_entered_before_both_agree_or_outside_the_time(town: Town) -> None:
    pair = f"/own-mentoring-pairs/{await proposed(town)}"
    assert (await town.post(f"{pair}:agree", who=MENTOR)).json()["state"] == "proposed"
    lesson = f"{pair}/lessons/{TODAY.isoformat()}/1"
    assert code_of(await town.put(lesson, LESSON, MENTEE)) == "mentoring.not_running"
    await town.post(f"{pair}:agree", who=MENTEE)
    early = f"{pair}/lessons/2020-01-01/1"
    assert code_of(await town.put(early, LESSON, MENTEE)) == "mentoring.day_outside"
    assert code_of(await town.post(f"{pair}:decline", who=MENTEE)) == "workflow.not_allowed"
