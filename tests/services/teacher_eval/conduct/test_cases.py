"""A case from report to effect: told, heard, decided at the right level, appealed against; before effect nothing changes."""

import datetime as dt
from typing import Any, get_args

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from services.teacher_eval.conduct.schemas import HandlingCode, RuleCode
from services.teacher_eval.conduct.standing import conduct_facts, grade_caps, pay_effects, standing_of
from services.teacher_eval.filling.filled import Wanted
from services.teacher_eval.filling.from_conduct import STANDING, ConductProvider
from services.teacher_eval.titles.tables import Title, TitleRound
from shared.kernel import clock
from shared.policy.conduct import conduct_rules, handlings
from shared.terms.actor import Role
from tests.services.teacher_eval.conduct.office import (
    CITY,
    COLLEAGUE,
    DEMERIT,
    DISQUALIFIED,
    OPERATOR,
    PRINCIPAL,
    Office,
)
from tests.services.teacher_eval.development.town import key, people, teacher
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, code_of, county_admin, of_school
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
OTHER_COUNTY = next(county for county in SCHOOLS.values() if county != COUNTY)
SECOND = actor(Role.COUNTY_ADMIN, COLLEAGUE.org, subject="second")


async def standing(office: Office, number: int = 0, days: int = 0) -> Any:
    """How somebody stands today, or so many days on."""
    day = clock.today() + dt.timedelta(days=days)
    async with office.kernel.database.transaction(PRINCIPAL.org) as session:
        return (await standing_of(session, [key(number)], day, day)).row(0, named=True)


def test_the_bodies_name_what_the_law_names() -> None:
    assert set(get_args(RuleCode)) == set(conduct_rules())
    assert set(get_args(HandlingCode)) == set(handlings())


async def test_the_law_is_read_by_everybody(office: Office) -> None:
    law = (await office.get("/conduct-law", teacher())).json()
    assert [rule["number"] for rule in law["rules"]] == list(range(1, 11))
    assert {each["code"]: each["decided_by"] for each in law["handlings"]}["demerit"] == ["county", "city"]
    assert all(each["source"]["verified"] is False for each in law["handlings"])


async def test_a_case_takes_effect_after_the_time_for_a_review(office: Office) -> None:
    case = await office.decided()
    seen = (await office.case(case, COLLEAGUE)).json()
    assert (seen["state"], seen["decided_level"], seen["effective_on"]) == ("decided", "county", None)
    assert seen["review_until"] >= (clock.now() + dt.timedelta(days=29)).isoformat()
    office.later(29)
    assert (await office.sweep(), (await standing(office))["standing"]) == (0, "clear")
    day = office.later(11)
    assert await office.sweep() == 1
    own = (await office.get(f"/conduct-cases/mine/{case}", teacher())).json()
    assert (own["state"], own["effective_on"]) == ("in_effect", day.isoformat())
    found = await standing(office, days=1)
    assert (found["standing"], found["grade_cap"], found["pay_effect"]) == (
        "demerit",
        "basically_qualified",
        "forfeited",
    )
    assert [entry["action"] for entry in own["entries"]] == [
        "notify", "state", "record_hearing", "decide", "take_effect",
    ]  # fmt: skip


async def test_it_expires_by_the_day_even_before_the_sweep(office: Office) -> None:
    case = await office.in_effect()
    last = dt.date.fromisoformat((await office.case(case, COLLEAGUE)).json()["last_on"])
    office.later((last - clock.today()).days)
    assert (await standing(office))["standing"] == "demerit"
    assert await office.sweep() == 0
    office.later(1)
    assert (await standing(office))["standing"] == "clear"
    assert await office.sweep() == 1
    over = (await office.case(case, COLLEAGUE)).json()
    assert (over["state"], over["ended_on"]) == ("expired", last.isoformat())


async def test_nobody_is_decided_on_unheard(office: Office) -> None:
    case = await office.report()
    await office.step(case, "investigate")
    soon = await office.step(case, "notify", hearing_on=clock.today().isoformat())
    assert code_of(soon) == "conduct.hearing_too_soon"
    day = (clock.today() + dt.timedelta(days=12)).isoformat()
    assert (await office.step(case, "notify", hearing_on=day)).status_code == 200
    assert code_of(await office.decide(case, PRINCIPAL, DISQUALIFIED)) == "workflow.not_allowed"
    assert code_of(await office.step(case, "record-hearing", attended=False)) == "conduct.hearing_not_yet"
    assert code_of(await office.step(case, "record-hearing", attended=True)) == "conduct.record_missing"
    await office.attach(case)
    assert (await office.step(case, "record-hearing", attended=True)).json()["state"] == "heard"
    assert code_of(await office.attach(case)) == "conduct.files_closed"


async def test_a_school_proposes_what_it_may_not_decide(office: Office) -> None:
    case = await office.heard()
    refused = await office.decide(case, PRINCIPAL, DEMERIT)
    assert (refused.status_code, code_of(refused)) == (422, "conduct.unlawful")
    assert refused.json()["errors"][0]["code"] == "conduct.other_level_decides"
    short = await office.decide(case, PRINCIPAL, [{"handling": "disqualification", "months": 12}])
    assert short.json()["errors"][0]["code"] == "conduct.months_unlawful"
    assert (await office.case(case, COLLEAGUE)).status_code == 404
    assert (await office.step(case, "propose", imposed=DEMERIT)).json()["state"] == "proposed"
    assert (await office.case(case)).json()["actions"] == []
    assert code_of(await office.step(case, "close")) == "conduct.others_turn"
    assert (await office.decide(case, COLLEAGUE, DEMERIT)).status_code == 200


async def test_a_school_decides_what_it_may(office: Office) -> None:
    case = await office.heard()
    early = await office.decide(case, PRINCIPAL, DISQUALIFIED, decided_on="2026-01-01")
    assert code_of(early) == "conduct.dates_unordered"
    made = await office.decide(case, PRINCIPAL, DISQUALIFIED)
    assert (made.status_code, made.json()["decided_level"]) == (200, "school"), made.text


async def appeal(office: Office, case: str) -> str:
    """The person asks for a review; its id."""
    body = {"grounds": "认定的事实与实际不符，请求撤销", "asks_for": "撤销处理决定"}
    made = await office.post(f"/conduct-cases/{case}/appeals", body, teacher())
    assert made.status_code == 201, made.text
    return f"/conduct-cases/{case}/appeals/{made.json()['id']}"


async def test_an_appeal_holds_a_decision_up_until_it_is_final(office: Office) -> None:
    case = await office.decided()
    address = await appeal(office, case)
    assert (
        code_of(await office.post(f"{address}:accept", {"body": "予以受理此件"}, COLLEAGUE)) == "conduct.own_decision"
    )
    assert code_of(await office.post(f"{address}:accept", {"body": "予以受理此件"}, PRINCIPAL)) == "auth.forbidden"
    assert (await office.post(f"{address}:accept", {"body": "予以受理此件"}, SECOND)).status_code == 200
    office.later(60)
    assert await office.sweep() == 0
    ruled = await office.post(f"{address}:rule", {"outcome": "rejected", "body": "事实清楚，维持"}, SECOND)
    assert ruled.status_code == 200, ruled.text
    assert await office.sweep() == 0
    asked = await office.post(f"{address}:request-review", {"body": "不服，提出申诉"}, teacher())
    assert asked.status_code == 200, asked.text
    review = {"outcome": "rejected", "body": "维持原复核决定"}
    assert code_of(await office.post(f"{address}:decide-review", review, SECOND)) == "conduct.from_above"
    assert (await standing(office))["standing"] == "clear"
    assert (await office.post(f"{address}:decide-review", review, CITY)).json()["state"] == "final"
    assert await office.sweep() == 1
    assert (await standing(office))["standing"] == "demerit"


async def test_a_ruling_makes_it_milder_or_undoes_it_and_never_worse(office: Office) -> None:
    case = await office.decided()
    address = await appeal(office, case)
    await office.post(f"{address}:accept", {"body": "予以受理此件"}, SECOND)
    ruling = {"outcome": "partly_upheld", "body": "情节较轻，予以变更"}
    order: dict[str, Any] = {"order": "change", "reason": "情节较轻，变更处理"}
    worse = ruling | {"effect": order | {"imposed": [{"handling": "demotion_or_removal"}]}}
    assert code_of(await office.post(f"{address}:rule", worse, SECOND)) == "conduct.made_worse"
    milder = ruling | {"effect": order | {"imposed": [{"handling": "warning"}]}}
    ruled = await office.post(f"{address}:rule", milder, SECOND)
    assert ruled.json()["applied"] == {"imposed": [{"handling": "warning", "months": None}]}, ruled.text
    office.later(80)
    await office.sweep()
    assert (await standing(office))["standing"] == "warning"

    other = await office.decided(1)
    body = {"grounds": "认定的事实与实际不符，请求撤销"}
    made = await office.post(f"/conduct-cases/{other}/appeals", body, teacher(1))
    address = f"/conduct-cases/{other}/appeals/{made.json()['id']}"
    await office.post(f"{address}:accept", {"body": "予以受理此件"}, SECOND)
    annulled = {
        "outcome": "upheld",
        "body": "证据不足，撤销决定",
        "effect": {"order": "annul", "reason": "证据不足，予以撤销"},
    }
    assert (await office.post(f"{address}:rule", annulled, SECOND)).status_code == 200
    assert (await office.case(other, COLLEAGUE)).json()["state"] == "not_confirmed"
    office.later(80)
    await office.sweep()
    assert (await standing(office, 1))["standing"] == "clear"


async def test_a_review_is_asked_for_once_and_in_time(office: Office) -> None:
    case = await office.decided()
    body = {"grounds": "认定的事实与实际不符，请求撤销"}
    assert (await office.post(f"/conduct-cases/{case}/appeals", body, teacher(1))).status_code == 404
    office.later(40)
    assert code_of(await office.post(f"/conduct-cases/{case}/appeals", body, teacher())) == "appeal.too_late"
    await office.sweep()
    assert code_of(await office.post(f"/conduct-cases/{case}/appeals", body, teacher())) == "conduct.not_appealable"


async def test_what_is_in_effect_is_lifted_by_a_document_at_the_level_that_decided(office: Office) -> None:
    case = await office.in_effect()
    assert code_of(await office.step(case, "lift", document="校发〔2027〕1号")) == "conduct.others_turn"
    assert code_of(await office.step(case, "lift", COLLEAGUE)) == "conduct.document_missing"
    office.later(10)
    lifted = await office.step(case, "lift", COLLEAGUE, document="县教解〔2027〕3号")
    assert lifted.json()["state"] == "lifted"
    assert (await standing(office))["standing"] == "clear"
    assert (await standing(office, days=-1))["standing"] == "demerit"


async def test_duties_are_suspended_only_where_the_law_says_and_nothing_else_changes(office: Office) -> None:
    case = await office.report()
    assert code_of(await office.step(case, "suspend")) == "conduct.document_missing"
    assert (await office.get("/conduct-cases/mine", teacher())).json()["items"] == []
    assert (await office.step(case, "suspend", document="校发〔2026〕2号")).status_code == 200
    assert code_of(await office.step(case, "suspend", document="校发〔2026〕2号")) == "conduct.not_suspendable"
    assert (await office.get("/conduct-cases/mine", teacher())).json()["items"][0]["suspended_on"]
    assert (await standing(office))["standing"] == "clear"
    closed = await office.step(case, "close")
    assert closed.json()["suspension_ended_on"] == clock.today().isoformat()
    money = await office.report(1, rules=["integrity"])
    assert code_of(await office.step(money, "suspend", document="校发〔2026〕2号")) == "conduct.not_suspendable"
    assert code_of(await office.step(money, "resume")) == "conduct.not_suspended"


async def test_only_those_who_handle_it_and_the_person_see_it(office: Office) -> None:
    case = await office.report()
    secret = await office.attach(case, where="evidence")
    assert secret.status_code == 201, secret.text
    address = f"/conduct-cases/{case}"
    for who in (COLLEAGUE, CITY, county_admin(OTHER_COUNTY), of_school(school="2199000002")):
        assert (await office.get(address, who)).status_code == 404
    for who in (OPERATOR, of_school(Role.TEACHER), actor(Role.INSPECTOR, COLLEAGUE.org), teacher(1), teacher()):
        assert code_of(await office.get(address, who)) == "auth.forbidden"
        assert (await office.get(f"{address}/evidence", who)).status_code == 403
    # The person learns of it with the notice, and never sees the inquiry or by whom it came up.
    assert (await office.get(f"/conduct-cases/mine/{case}", teacher())).status_code == 404
    await office.step(case, "investigate")
    await office.step(case, "notify", hearing_on=(clock.today() + dt.timedelta(days=12)).isoformat())
    own = await office.get(f"/conduct-cases/mine/{case}", teacher())
    assert own.status_code == 200
    assert not {"facts", "origin", "levels"} & set(own.json())
    assert [entry["action"] for entry in own.json()["entries"]] == ["notify"]
    assert (await office.get(f"/conduct-cases/mine/{case}", teacher(1))).status_code == 404
    assert (await office.get(f"{address}/hearing/evidence", teacher())).json()["items"] == []
    assert (await office.get(f"{address}/hearing/evidence", teacher(1))).status_code == 404
    assert (await office.attach(case, teacher())).status_code == 201
    feed = (await office.get("/changes", PRINCIPAL)).json()
    assert [item for item in feed["items"] if "conduct" in item["resource"]] == []


async def test_every_reading_is_noted(office: Office) -> None:
    case = await office.report()
    before = await office.audited("conduct_case.read")
    await office.case(case)
    await office.get("/conduct-cases", PRINCIPAL)
    await office.get("/conduct-cases/mine", teacher())
    await office.get(f"/conduct-cases/{case}/evidence", PRINCIPAL)
    assert await office.audited("conduct_case.read") == before + 4


async def test_nobody_handles_a_case_of_their_own(office: Office) -> None:
    head = of_school(person=key(0))
    body = {"staff_key": key(0), "rules": ["fairness"], "origin": "self", "facts": "本人报告有关事项"}
    assert code_of(await office.post("/conduct-cases", body, head)) == "conduct.own_case"
    assert (
        code_of(await office.post("/conduct-cases", body | {"without_school": True}, PRINCIPAL))
        == "conduct.office_alone"
    )
    case = await office.report(0, COLLEAGUE, without_school=True)
    assert (await office.case(case, head)).status_code == 404
    assert (await office.case(case, PRINCIPAL)).status_code == 404
    assert (await office.case(case, COLLEAGUE)).json()["levels"] == ["county"]


async def test_bad_input_opens_nothing(office: Office) -> None:
    body = {"staff_key": key(0), "rules": ["dedication_to_society"], "origin": "school", "facts": "有关反映"}
    assert code_of(await office.post("/conduct-cases", body, PRINCIPAL)) == "request.invalid"
    stranger = body | {"rules": ["care"], "staff_key": key(0, "2199000002")}
    assert (await office.post("/conduct-cases", stranger, PRINCIPAL)).status_code == 404
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    future = body | {"rules": ["care"], "occurred_on": tomorrow}
    assert code_of(await office.post("/conduct-cases", future, PRINCIPAL)) == "conduct.in_future"
    assert (await office.get("/conduct-cases", PRINCIPAL)).json()["items"] == []
    case = await office.report()
    stale = await office.post(f"/conduct-cases/{case}:investigate", {"text": "开始调查"}, PRINCIPAL, match=9)
    assert code_of(stale) == "request.precondition_failed"


async def test_details_go_when_they_were_kept_long_enough(office: Office) -> None:
    case = await office.report()
    await office.attach(case, where="evidence")
    await office.step(case, "close")
    async with office.kernel.database.transaction("") as session:
        with pytest.raises(DBAPIError, match="never changed"):
            await session.execute(text("delete from conduct_entries"))
    office.later(364)
    assert await office.sweep() == 0
    office.later(2)
    assert await office.sweep() == 1
    seen = (await office.case(case)).json()
    assert (seen["facts"], seen["entries"], seen["is_erased"], seen["state"]) == (None, [], True, "not_confirmed")
    files = (await office.get(f"/conduct-cases/{case}/evidence", PRINCIPAL)).json()["items"]
    assert files[0]["withdrawn_at"] is not None


async def test_other_rooms_are_told_what_follows_and_no_more(office: Office) -> None:
    await office.in_effect(0, DEMERIT)
    first, last = clock.today() - dt.timedelta(days=100), clock.today() + dt.timedelta(days=264)
    keys = [key(0), key(1)]
    async with office.kernel.database.transaction(PRINCIPAL.org) as session:
        assert await grade_caps(session, keys, first, last) == {key(0): "unqualified"}
        assert await pay_effects(session, keys, first, last) == {key(0): "forfeited"}
        assert await pay_effects(session, [key(1)], first, last) == {}
        staff = people().select("staff_key", "school_code").head(12)
        wanted = Wanted("2026-2027", first, last, staff, PRINCIPAL.org)
        filled = (await ConductProvider(session, PRINCIPAL).gather(wanted, {STANDING}))[STANDING]
        # The scope of the one who asked is as it was: another school's rows stay hidden.
        seen = await session.scalar(text("select count(*) from registered_staff"))
    assert dict(filled.frame.select("staff_key", "value").iter_rows()) == {
        row: 3.0 if row == key(0) else 0.0 for row in staff["staff_key"].to_list()
    }
    assert seen == 12


async def test_criteria_of_rungs_know_violations_and_say_nothing_of_others(office: Office) -> None:
    await office.in_effect()
    async with office.kernel.database.transaction("") as session:
        facts = await conduct_facts(session, CITY, {key(0), key(1)})
    assert set(facts) == {key(0)}
    assert facts[key(0)]["violations"][0][0] == clock.today()


async def test_a_rung_ends_when_a_violation_takes_effect(office: Office) -> None:
    today = clock.today()
    async with office.kernel.database.transaction("") as session:
        opened = TitleRound(
            org_path=COLLEAGUE.org,
            code="backbone",
            ladder="teachers",
            ladder_number=1,
            rung="backbone",
            state="closed",
            nominations_end_on=today,
            content={},
            rung_content={},
        )
        session.add(opened)
        await session.flush()
        for number in (0, 1):
            title = Title(round_id=opened.id, ladder="teachers", rung="backbone", staff_key=key(number), stated={})
            title.org_path, title.school_code, title.county_code, title.stages = (
                PRINCIPAL.org,
                SCHOOL,
                COUNTY,
                "primary",
            )
            title.state, title.nominated_on, title.recognized_on = "recognized", today, today
            title.checks, title.waivers = [], {}
            session.add(title)
    await office.in_effect()
    async with office.kernel.database.transaction("") as session:
        titles = (await session.scalars(select(Title).order_by(Title.staff_key))).all()
        found = {title.staff_key: (title.state, title.end_reason) for title in titles}
    assert found == {key(0): ("ended", "conduct"), key(1): ("recognized", None)}
