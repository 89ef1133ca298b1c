"""People are asked through links, answer without an account, and nobody can tell who said what."""

import datetime as dt
from typing import Any

import httpx
import polars as pl
import pytest
from sqlalchemy import text

from services.school_eval.app import SERVICE
from services.school_eval.prefill.filled import Wanted
from services.school_eval.prefill.from_surveys import SurveyProvider
from shared.kernel import clock
from shared.kernel.app import open_kernel
from shared.kernel.settings import ServiceSettings
from tests.support.city import (
    CITY,
    CITY_ADMIN,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    World,
    code_of,
    county_admin,
    of_school,
)

pytestmark = pytest.mark.anyio
TODAY = clock.now().astimezone(clock.CHINA).date()
QUESTIONNAIRE = {
    "name": {"zh": "家长满意度", "en": "Guardians' satisfaction"},
    "items": [
        {"code": "teaching", "question": {"zh": "您对教学质量满意吗", "en": "Teaching"}},
        {"code": "safety", "question": {"zh": "您对校园安全满意吗", "en": "Safety"}},
        {"code": "advice", "question": {"zh": "您有什么建议", "en": "Your advice"}, "kind": "text"},
    ],
}
ROUND = {
    "questionnaire": "guardians",
    "number": 1,
    "school_year": "2026-2027",
    "audience": "guardians",
    "opens_on": (TODAY - dt.timedelta(days=1)).isoformat(),
    "closes_on": (TODAY + dt.timedelta(days=10)).isoformat(),
    "min_n": 5,
}
OWN = f"/survey-rounds/r1/schools/{COUNTY}-{SCHOOL}"
NEIGHBORS = [code for code in SCHOOLS if SCHOOLS[code] == COUNTY and code != SCHOOL]


@pytest.fixture
async def asked(world: World) -> World:
    assert (await world.put("/questionnaires/guardians", QUESTIONNAIRE)).status_code == 201
    assert (await world.put("/survey-rounds/r1", ROUND)).status_code == 201
    return world


async def invite(world: World, invited: int = 40, school: str = SCHOOL, **more: Any) -> str | None:
    address = f"/survey-rounds/r1/schools/{SCHOOLS[school]}-{school}"
    answer = await world.put(address, {"invited_count": invited, **more}, of_school(school=school))
    assert answer.status_code == 200, answer.text
    link: str | None = answer.json()["link"]
    return link


async def answer(world: World, link: str, **answers: Any) -> httpx.Response:
    return await world.client.post(f"http://service{link}", json={"answers": answers})


async def fill(world: World, school: str, *scores: int, invited: int = 40) -> None:
    link = await invite(world, invited, school)
    assert link is not None
    for score in scores:
        assert (await answer(world, link, teaching=score)).status_code == 201


async def test_a_link_opens_the_questions_without_an_account(asked: World) -> None:
    link = await invite(asked)
    form = await asked.client.get(f"http://service{link}")
    assert form.status_code == 200
    assert [item["code"] for item in form.json()["items"]] == ["teaching", "safety", "advice"]
    assert "不记名" in form.json()["notice_zh"]
    assert (await asked.client.get(f"http://service{link[:-1]}x" if link else "")).status_code == 404


async def test_scores_have_errors_and_response_rates(asked: World) -> None:
    await fill(asked, SCHOOL, 5, 4, 4, 3, 5)
    scores = (await asked.get("/survey-rounds/r1/scores?level=own", of_school())).json()["items"][0]
    # 100, 75, 75, 50, 100: mean 80; s² = (400 + 25 + 25 + 900 + 400) / 4.
    assert (scores["n"], scores["response_rate"], scores["value"]) == (5, 5 / 40, pytest.approx(80))
    assert scores["se"] == pytest.approx(((1 - 5 / 40) * 437.5 / 5) ** 0.5)
    county = (await asked.get("/survey-rounds/r1/scores?level=county")).json()["items"]
    assert [(row["organization"], row["value"]) for row in county] == [(COUNTY, pytest.approx(80))]


async def test_few_answers_are_not_shown_nor_what_would_tell_them(asked: World) -> None:
    await fill(asked, SCHOOL, 5, 4, 4, 3, 5)
    await fill(asked, NEIGHBORS[0], 1, 2, 3)
    await fill(asked, NEIGHBORS[1], 5, 5, 5, 5, 5, 5)
    items = (await asked.get("/survey-rounds/r1/scores", county_admin())).json()["items"]
    shown = {row["organization"].split("-")[1]: row for row in items}
    assert shown[NEIGHBORS[0]]["suppressed"]
    # The county's own score is told: with one school hidden alone, its score would follow from the rest.
    assert shown[SCHOOL]["suppressed"]
    assert (shown[NEIGHBORS[1]]["value"], shown[SCHOOL]["value"], shown[SCHOOL]["n"]) == (100, None, None)


async def test_an_answer_leaves_nothing_of_a_person(asked: World, school_eval_settings: ServiceSettings) -> None:
    link = await invite(asked)
    assert link is not None
    await answer(asked, link, teaching=5, advice="多组织阅读活动")
    kernel = open_kernel(SERVICE, school_eval_settings)
    try:
        async with kernel.database.transaction("") as session:
            row = (await session.execute(text("select * from survey_answers"))).one()._asdict()
            notes = (await session.execute(text("select payload::text from audit_log"))).scalars().all()
    finally:
        await kernel.database.close()
    assert row.keys() == {"id", "surveyed_school_id", "answered_on", "answers", "org_path"}
    assert row["id"].version == 4  # random: ids by time would tell the hour
    assert not any("respondent" in note or "阅读" in note for note in notes)


async def test_a_ticket_takes_one_answer(asked: World) -> None:
    assert await invite(asked, shared_link=False) is None
    made = await asked.post(f"{OWN}:tickets", {"count": 2}, of_school())
    first, second = made.json()["links"]
    assert (await answer(asked, first, teaching=4)).status_code == 201
    assert code_of(await answer(asked, first, teaching=1)) == "survey.ticket_used"
    assert (await answer(asked, second, teaching=4)).status_code == 201
    school = (await asked.get("/survey-rounds/r1/schools", of_school())).json()["items"][0]
    assert (school["response_count"], school["link"]) == (2, None)


async def test_a_link_that_was_passed_on_ends(asked: World) -> None:
    link = await invite(asked, invited=4)  # 4 · 1.2 and one more: 5 answers
    assert link is not None
    for _ in range(5):
        assert (await answer(asked, link, teaching=1)).status_code == 201
    assert code_of(await answer(asked, link, teaching=1)) == "survey.link_exhausted"


@pytest.mark.parametrize(
    "answers",
    [{}, {"teaching": 6}, {"teaching": 0}, {"teaching": "5"}, {"advice": "   "}, {"other": 1}, {"advice": "长" * 1001}],
)
async def test_answers_fit_their_questions(asked: World, answers: dict[str, Any]) -> None:
    link = await invite(asked)
    assert link is not None
    assert (await answer(asked, link, **answers)).status_code == 422
    assert (await asked.get("/survey-rounds/r1/schools")).json()["items"][0]["response_count"] == 0


async def test_answers_are_taken_while_the_round_is_open(asked: World) -> None:
    link = await invite(asked)
    assert link is not None
    over = ROUND | {"closes_on": (TODAY - dt.timedelta(days=1)).isoformat()}
    current = await asked.get("/survey-rounds/r1")
    assert (await asked.put("/survey-rounds/r1", over, match=current)).status_code == 200
    assert code_of(await answer(asked, link, teaching=5)) == "survey.closed"


async def test_once_answered_only_the_last_day_moves(asked: World) -> None:
    await fill(asked, SCHOOL, 5)
    current = await asked.get("/survey-rounds/r1")
    refused = await asked.put("/survey-rounds/r1", ROUND | {"min_n": 10}, match=current)
    assert code_of(refused) == "survey.answered_already"


async def test_pupils_under_fourteen_are_not_asked(asked: World) -> None:
    young = ROUND | {"audience": "students"}
    assert code_of(await asked.put("/survey-rounds/r2", young)) == "survey.too_young"
    assert code_of(await asked.put("/survey-rounds/r2", young | {"from_grade": 8})) == "survey.too_young"
    assert (await asked.put("/survey-rounds/r2", young | {"from_grade": 9})).status_code == 201


async def test_texts_are_read_above_the_school_and_never_few(asked: World) -> None:
    link = await invite(asked)
    assert link is not None
    words = [f"建议{n}" for n in range(5)]
    for word in words[:4]:
        await answer(asked, link, advice=word)
    assert (await asked.get("/survey-rounds/r1/texts/advice", county_admin())).json()["texts"] == []
    await answer(asked, link, advice=words[4])
    shown = (await asked.get("/survey-rounds/r1/texts/advice", county_admin())).json()
    assert (shown["n"], sorted(shown["texts"])) == (5, words)
    assert code_of(await asked.get("/survey-rounds/r1/texts/advice", of_school())) == "auth.forbidden"


async def test_a_questionnaire_is_kept_version_by_version(asked: World) -> None:
    again = await asked.put("/questionnaires/guardians", QUESTIONNAIRE)
    assert (again.status_code, again.json()["number"]) == (200, 1)
    changed = QUESTIONNAIRE | {"items": QUESTIONNAIRE["items"][:2]}
    assert (await asked.put("/questionnaires/guardians", changed)).json()["number"] == 2
    assert len((await asked.get("/questionnaires/guardians/1")).json()["items"]) == 3


async def test_scores_fill_the_leaves_that_ask_for_them(asked: World, school_eval_settings: ServiceSettings) -> None:
    await fill(asked, SCHOOL, 5, 4, 4, 3, 5)
    kernel = open_kernel(SERVICE, school_eval_settings)
    wanted = Wanted("2026-2027", pl.DataFrame({"unit_code": sorted(SCHOOLS)}), CITY, {})
    try:
        async with kernel.database.transaction(CITY) as session:
            provider = SurveyProvider(session, CITY_ADMIN)
            found = await provider.gather(wanted, ["satisfaction.guardians", "satisfaction.teachers"])
    finally:
        await kernel.database.close()
    assert found.keys() == {"satisfaction.guardians"}
    filled = found["satisfaction.guardians"]
    assert filled.frame.select("unit_code", "value").rows() == [(SCHOOL, pytest.approx(80))]
    assert filled.origin["round"] == "r1"
    assert provider.knows("satisfaction.teachers")
    assert not provider.knows("satisfaction.neighbors")
