"""Colleagues, pupils and guardians rate; nobody rates themselves, nobody can tell who said what, few are never shown."""

import datetime as dt
from typing import Any

import httpx
import polars as pl
import pytest
from sqlalchemy import text

from services.teacher_eval.filling.filled import Wanted
from services.teacher_eval.filling.from_ratings import RatingProvider
from services.teacher_eval.ratings.service.closing import RATINGS_SWEEP
from shared.terms.actor import Role
from tests.services.teacher_eval.development.town import TODAY, Town, key, teacher
from tests.support.city import (
    CITY,
    CITY_ADMIN,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    code_of,
    county_admin,
    of_school,
)

pytestmark = pytest.mark.anyio
YEAR = "2026-2027"
HERE = f"{COUNTY}-{SCHOOL}"
ROUND = "/rating-rounds/9900/appraisal"
QUESTIONS = {
    "name": {"zh": "教师测评", "en": "Ratings of teachers"},
    "items": [
        {"code": "ethics", "question": {"zh": "关爱学生、为人师表", "en": "Cares for pupils"}},
        {"code": "grade", "question": {"zh": "总体等次", "en": "Overall"}, "points": 4, "top_rate": 0.5},
        {"code": "words", "question": {"zh": "您的建议", "en": "Your advice"}, "kind": "text"},
    ],
}


def day(offset: int) -> str:
    return (TODAY + dt.timedelta(days=offset)).isoformat()


def round_body(**more: Any) -> dict[str, Any]:
    return {
        "kind": "democratic_appraisal",
        "name": {"zh": "2026年度民主测评", "en": "Appraisal 2026"},
        "questionnaire": "teachers",
        "number": 1,
        "school_year": YEAR,
        "audiences": {"peers": {"weight": 2, "adjust": False}, "guardians": {"weight": 1}},
        "opens_on": day(-3),
        "closes_on": day(3),
        **more,
    }


def peers(rated: range = range(8), raters: range = range(8), **more: Any) -> dict[str, Any]:
    return {"audience": "peers", "rated": [key(n) for n in rated], "raters": [key(n) for n in raters], **more}


@pytest.fixture
async def asked(town: Town) -> Town:
    """The city's appraisal, with a group of eight colleagues."""
    assert (await town.put("/rating-questionnaires/teachers", QUESTIONS)).status_code == 201
    assert (await town.put("/rating-rounds/appraisal", round_body())).status_code == 201
    assert (await group(town, peers())).status_code == 201
    return town


async def group(town: Town, body: dict[str, Any], code: str = "colleagues", where: str = HERE) -> httpx.Response:
    return await town.put(f"{ROUND}/groups/{where}/{code}", body, of_school())


async def take(town: Town, number: int, code: str = "colleagues") -> httpx.Response:
    return await town.post(f"{ROUND}/groups/{HERE}/{code}:take-ticket", who=teacher(number))


async def hand_in(town: Town, link: str, said: dict[int, dict[str, Any]]) -> httpx.Response:
    ratings = [{"rated": key(number), "answers": answers} for number, answers in said.items()]
    return await town.client.post(f"http://service{link}", json={"ratings": ratings})


async def colleagues_rate(town: Town, raters: range = range(8)) -> None:
    """Everybody gives person n the ethics 1 + (n mod 5)."""
    for number in raters:
        link = (await take(town, number)).json()["links"][0]
        said = {n: {"ethics": 1 + n % 5, "words": f"建议{number}"} for n in range(8) if n != number}
        assert (await hand_in(town, link, said)).status_code == 201


async def end(town: Town) -> None:
    """The round's last day was yesterday."""
    current = await town.get(ROUND)
    ended = await town.put("/rating-rounds/appraisal", round_body(closes_on=day(-1)), match=current)
    assert ended.status_code == 200, ended.text


async def close(town: Town) -> dict[str, Any]:
    await end(town)
    answer = await town.post(f"{ROUND}/schools/{HERE}:close", who=of_school())
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


async def test_colleagues_take_one_ticket_and_rate_everybody_but_themselves(asked: Town) -> None:
    waiting = (await asked.get("/own-ratings/groups", teacher(0))).json()["items"]
    assert [(item["round"], item["group"], item["has_rated"]) for item in waiting] == [
        ("appraisal", "colleagues", False)
    ]
    first, second = [(await take(asked, 0)).json()["links"][0] for _ in range(2)]
    # A link that was lost is replaced, and the first one is worth nothing any more.
    assert (await asked.client.get(f"http://service{first}")).status_code == 404
    form = (await asked.client.get(f"http://service{second}")).json()
    assert [person["rated"] for person in form["people"]] == [key(n) for n in range(1, 8)]
    assert form["people"][0]["name"] == "教师101"
    assert "不记名" in form["notice_zh"]
    refused = await hand_in(asked, second, {0: {"ethics": 5}, 1: {"ethics": 5}})
    assert [fault["code"] for fault in refused.json()["errors"]] == ["rating.not_rateable"]
    assert (await hand_in(asked, second, {1: {"ethics": 5}, 2: {"ethics": 4}})).status_code == 201
    assert code_of(await hand_in(asked, second, {1: {"ethics": 1}})) == "survey.ticket_used"
    assert code_of(await take(asked, 0)) == "survey.ticket_used"
    assert (await asked.get("/own-ratings/groups", teacher(0))).json()["items"][0]["has_rated"]
    assert code_of(await take(asked, 9)) == "resource.not_found"
    (found,) = (await asked.get(f"{ROUND}/groups", of_school())).json()["items"]
    assert (found["invited_count"], found["response_count"]) == (8, 1)


async def test_answers_fit_their_questions_and_the_best_has_a_quota(asked: Town) -> None:
    link = (await take(asked, 0)).json()["links"][0]
    for said, code in (
        ({1: {"ethics": 6}}, "field.invalid"),
        ({1: {"salary": 1}}, "field.unknown"),
        ({1: {}}, "rating.nothing_said"),
        ({1: {"grade": 4}, 2: {"grade": 4}, 3: {"grade": 1}}, "rating.quota"),
    ):
        answer = await hand_in(asked, link, said)
        assert [fault["code"] for fault in answer.json()["errors"]] == [code], said
    assert (await hand_in(asked, link, {1: {"grade": 4}, 2: {"grade": 3}})).status_code == 201


async def test_figures_are_counted_once_and_final(asked: Town) -> None:
    await colleagues_rate(asked)
    assert code_of(await asked.post(f"{ROUND}/schools/{HERE}:close", who=of_school())) == "rating.still_open"
    closed = await close(asked)
    assert closed["answer_count"] == 56
    assert (await asked.post(f"{ROUND}/schools/{HERE}:close", who=of_school())).json() == closed
    items = (await asked.get(f"{ROUND}/schools/{HERE}/figures", of_school())).json()["items"]
    by_key = {item["staff_key"]: item for item in items}
    # Seven colleagues said the same: 25 (n mod 5), no error; the band is the middle half of the eight.
    assert (by_key[key(2)]["value"], by_key[key(2)]["se"], by_key[key(2)]["n"]) == (50, 0, 7)
    assert by_key[key(2)]["invited_count"] == 7
    own = (await asked.get("/own-ratings", teacher(2))).json()["items"][0]
    assert own["value"] == 50
    assert own["band"] == {"people": 8, "low": 18.75, "median": 37.5, "high": 56.25}
    assert code_of(await group(asked, peers(range(5)))) == "rating.closed"
    moved = await asked.put("/rating-rounds/appraisal", round_body(closes_on=day(9)), match=await asked.get(ROUND))
    assert code_of(moved) == "rating.closed"


async def test_few_are_not_shown_to_anybody(asked: Town) -> None:
    await colleagues_rate(asked, range(5))
    await close(asked)
    items = (await asked.get(f"{ROUND}/schools/{HERE}/figures", of_school())).json()["items"]
    shown = {item["staff_key"]: (item["n"], item["value"], item["suppressed"]) for item in items}
    # Those who rated have four answers each, one too few; the other three have five.
    assert shown[key(0)] == (None, None, True)
    assert shown[key(5)] == (5, 0, False)
    assert (await asked.get("/own-ratings", teacher(0))).json()["items"][0]["value"] is None
    (total,) = (await asked.get(f"{ROUND}/totals", county_admin())).json()["items"]
    assert (total["people"], total["mean"], total["suppressed"]) == (8, None, True)


async def test_figures_are_the_schools_and_ones_own_and_means_go_above(asked: Town) -> None:
    await colleagues_rate(asked)
    await close(asked)
    address = f"{ROUND}/schools/{HERE}/figures"
    for who in (teacher(0), county_admin(), CITY_ADMIN, of_school(Role.SCHOOL_OPERATOR)):
        assert code_of(await asked.get(address, who)) == "auth.forbidden"
    other = next(code for code in SCHOOLS if code != SCHOOL)
    assert (await asked.get(address, of_school(school=other))).json()["items"] == []
    (total,) = (await asked.get(f"{ROUND}/totals", county_admin())).json()["items"]
    assert (total["organization"], total["audience"], total["people"], total["mean"]) == (HERE, "peers", 8, 40.625)
    assert (await asked.get("/own-ratings", teacher(9))).json()["items"] == []


async def test_nothing_leads_back_to_a_rater(asked: Town) -> None:
    await colleagues_rate(asked)
    async with asked.kernel.database.transaction("") as session:
        row = (await session.execute(text("select * from rating_answers limit 1"))).one()._asdict()
        before = (await session.execute(text("select count(distinct sheet) from rating_answers"))).scalar_one()
        notes = (await session.execute(text("select payload::text from audit_log"))).scalars().all()
    assert row.keys() == {"id", "group_id", "staff_key", "sheet", "answered_on", "answers", "org_path"}
    assert (row["id"].version, before) == (4, 8)
    assert not any("respondent" in entry or "建议" in entry or key(3) in entry for entry in notes)
    await close(asked)
    async with asked.kernel.database.transaction("") as session:
        sheets = (await session.execute(text("select count(sheet) from rating_answers"))).scalar_one()
        tickets = (await session.execute(text("select count(*) from rating_tickets"))).scalar_one()
    assert (sheets, tickets) == (0, 0)


async def test_guardians_are_handed_links_up_to_their_number(asked: Town) -> None:
    body = {"audience": "guardians", "rated": [key(1), key(2)], "invited_count": 12}
    assert (await group(asked, body, "class-1")).status_code == 201
    address = f"{ROUND}/groups/{HERE}/class-1:tickets"
    made = (await asked.post(address, {"count": 12}, of_school())).json()["links"]
    assert len(set(made)) == 12
    more = await asked.post(address, {"count": 4}, of_school())
    assert code_of(more) == "rating.too_many_tickets"
    assert code_of(await take(asked, 0, "class-1")) == "resource.not_found"
    staff = await asked.post(f"{ROUND}/groups/{HERE}/colleagues:tickets", {"count": 1}, of_school())
    assert code_of(staff) == "rating.staff_take_their_own"
    for place, link in enumerate(made[:10]):
        assert (await hand_in(asked, link, {1: {"ethics": 5 if place else 1}, 2: {"ethics": 3}})).status_code == 201
    await colleagues_rate(asked)
    await close(asked)
    items = (await asked.get(f"{ROUND}/schools/{HERE}/figures", of_school())).json()["items"]
    shown = {(item["staff_key"], item["audience"]): item for item in items}
    assert (shown[key(1), "guardians"]["value"], shown[key(1), "guardians"]["invited_count"]) == (pytest.approx(90), 12)
    wanted = Wanted(YEAR, TODAY, TODAY, pl.DataFrame({"staff_key": [key(n) for n in range(12)]}), CITY)
    async with asked.kernel.database.transaction(CITY) as session:
        provider = RatingProvider(session, CITY_ADMIN)
        found = await provider.gather(wanted, ["ratings.peers", "ratings.students", "ratings.appraisal"])
    assert found.keys() == {"ratings.peers", "ratings.appraisal"}
    assert found["ratings.peers"].frame.height == 8
    appraised = dict(found["ratings.appraisal"].frame.select("staff_key", "value").iter_rows())
    # Two parts colleagues (25), one part guardians (90); who has colleagues alone stands on two thirds.
    assert (appraised[key(1)], appraised[key(3)]) == (pytest.approx((2 * 25 + 90) / 3), 75)
    assert found["ratings.appraisal"].origin["rounds"] == [{"organization": "9900", "round": "appraisal", "version": 2}]
    assert provider.knows("ratings.group")
    assert not provider.knows("ratings.parents")


async def test_texts_are_read_above_and_never_by_whom_they_are_about(asked: Town) -> None:
    await colleagues_rate(asked)
    address = f"{ROUND}/schools/{HERE}/texts/{key(1)}/words?audience=peers"
    assert (await asked.get(address, of_school())).json()["texts"] == []
    await close(asked)
    for who in (of_school(), county_admin()):
        shown = (await asked.get(address, who)).json()
        assert sorted(shown["texts"]) == [f"建议{n}" for n in range(8) if n != 1]
    assert code_of(await asked.get(address, of_school(person=key(1)))) == "rating.own_texts"
    assert code_of(await asked.get(address, teacher(1))) == "auth.forbidden"


async def test_what_groups_are_refused(asked: Town) -> None:
    stranger = key(0, "2199000003")
    for body, code in (
        (peers() | {"audience": "students", "raters": []}, "rating.raters"),
        (peers(raters=range(0)), "rating.raters"),
        (peers(invited_count=5), "rating.raters"),
        ({"audience": "students", "rated": [key(1)], "invited_count": 30}, "rating.audience"),
        ({"audience": "guardians", "rated": [stranger], "invited_count": 30}, "rating.not_staff"),
        (peers(raters=range(6, 10)), "rating.rater_twice"),
    ):
        answer = await group(asked, body, "second")
        faults = [fault["code"] for fault in answer.json().get("errors", [])]
        assert code in {*faults, code_of(answer)}, (body, answer.text)
    elsewhere = await group(asked, peers(), where=f"{SCHOOLS['2199000002']}-2199000002")
    assert code_of(elsewhere) == "rating.elsewhere"


async def test_pupils_under_fourteen_are_not_asked(asked: Town) -> None:
    audiences = {"students": {}}
    low = await asked.put("/rating-rounds/pupils", round_body(audiences={"students": {"min_n": 5}}))
    assert [fault["code"] for fault in low.json()["errors"]] == ["rating.min_n_low"]
    made = await asked.put("/rating-rounds/pupils", round_body(kind="rating", audiences=audiences))
    assert made.json()["audiences"]["students"]["min_n"] == 10
    body = {"audience": "students", "rated": [key(1)], "invited_count": 40}
    for grade, status in ((None, 422), (8, 422), (9, 201)):
        address = f"/rating-rounds/9900/pupils/groups/{HERE}/class"
        answer = await asked.put(address, body | {"grade_level": grade}, of_school())
        assert answer.status_code == status, answer.text


async def test_once_answered_only_the_last_day_and_numbers_move(asked: Town) -> None:
    link = (await take(asked, 0)).json()["links"][0]
    await hand_in(asked, link, {1: {"ethics": 5}})
    changed = await asked.put("/rating-rounds/appraisal", round_body(kind="rating"), match=await asked.get(ROUND))
    assert code_of(changed) == "survey.answered_already"
    assert code_of(await group(asked, peers(range(5)))) == "survey.answered_already"


async def test_what_schools_leave_open_is_closed_by_the_sweep(asked: Town) -> None:
    await colleagues_rate(asked)
    assert await RATINGS_SWEEP.run(asked.kernel) == 0
    await end(asked)
    assert await RATINGS_SWEEP.run(asked.kernel) == 1
    assert await RATINGS_SWEEP.run(asked.kernel) == 0
    assert (await asked.get("/own-ratings", teacher(2))).json()["items"][0]["value"] == 50
