"""Visits: secret until they begin, rated independently from phones, signed by the school, final afterwards."""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from shared.kernel import clock
from shared.kernel.database.engine import Database
from shared.terms.actor import Role
from shared.workflow.calendar import national_calendar
from tests.services.school_eval.inspections.inspecting import (
    FIRE,
    FIRST,
    NEAR,
    SECOND,
    TIMETABLE,
    Inspecting,
    plan_body,
    rating_body,
    semester,
    visit_body,
)
from tests.support.city import code_of, county_admin, of_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
GOOD = {TIMETABLE: 3, FIRE: 1}


async def test_a_visit_is_unknown_to_its_school_until_it_begins(office: Inspecting) -> None:
    (row, *_) = await office.drawn()
    address = await office.plan_visit(row)
    school, county = of_school(school=row["school_code"]), county_admin(row["county_code"])
    for who in (school, county):
        assert (await office.get(address, who)).status_code == 404
        assert (await office.get("/changes?resources=visits", who)).json()["items"] == []
    told = await office.post(f"{address}:announce", match=await office.get(address))
    assert code_of(told) == "visit.unannounced"
    started = await office.post(f"{address}:start", who=FIRST)
    assert started.json()["state"] == "under_way"
    seen = (await office.get(address, school)).json()
    assert (seen["organization"], seen["outcome"]) == (f"{row['county_code']}-{row['school_code']}", None)
    assert code_of(await office.get(f"{address}/ratings", school)) == "auth.forbidden"


async def test_an_announced_visit_can_be_read_before(office: Inspecting) -> None:
    (row, *_) = await office.drawn(is_announced=True)
    address = await office.plan_visit(row)
    assert (await office.post(f"{address}:announce", match=await office.get(address))).status_code == 200
    assert (await office.get(address, of_school(school=row["school_code"]))).json()["state"] == "announced"
    mine = (await office.get("/visits?mine=true", FIRST)).json()["items"]
    assert [visit["school_code"] for visit in mine] == [row["school_code"]]
    assert (await office.get("/visits?mine=true", NEAR)).json()["items"] == []


async def test_nobody_is_sent_to_a_school_of_their_own(office: Inspecting) -> None:
    (row, *_) = await office.drawn()
    address = f"/visits/{uuid.uuid4()}"
    refused = await office.put(address, visit_body(row, (NEAR, FIRST)))
    assert code_of(refused) == "visit.raters_refused"
    assert [fault["code"] for fault in refused.json()["errors"]] == ["visit.rater_too_near"]
    stranger = visit_body(row) | {"raters": ["nobody", FIRST.subject]}
    assert (await office.put(address, stranger)).json()["errors"][0]["code"] == "visit.rater_unknown"
    assert (await office.put(address, visit_body(row))).status_code == 201
    # The answer was lost on the way: the same again is no other visit, and nothing has changed.
    assert (await office.put(address, visit_body(row))).status_code == 200
    other = await office.put(f"/visits/{uuid.uuid4()}", visit_body(row))
    assert code_of(other) == "visit.planned_already"
    aside = await office.post(f"{address}:recuse", {"reason": "妻子在该校任教"}, SECOND)
    assert aside.status_code == 200
    assert code_of(await office.post(f"{address}:start", who=SECOND)) == "visit.not_sent"
    led_anew = visit_body(row, (SECOND, FIRST))
    assert code_of(await office.put(address, led_anew, match=aside)) == "visit.rater_recused"


async def test_a_double_rated_visit_needs_two_who_do_not_see_each_other(office: Inspecting) -> None:
    row = next(row for row in await office.drawn() if row["is_double_rated"])
    alone = await office.put(f"/visits/{uuid.uuid4()}", visit_body(row, (FIRST,)))
    assert code_of(alone) == "visit.raters_missing"
    address = await office.plan_visit(row)
    await office.post(f"{address}:start", who=FIRST)
    await office.rate(address, FIRST, GOOD)
    hidden = (await office.get(f"{address}/ratings", SECOND)).json()
    assert (hidden["is_complete"], hidden["hidden_raters"]) == (False, 1)
    assert [rater["account"] for rater in hidden["raters"]] == [SECOND.subject]
    await office.rate(address, SECOND, {TIMETABLE: 2, FIRE: 0}, note="灭火器过期两具")
    shown = (await office.get(f"{address}/ratings", SECOND)).json()
    assert (shown["is_complete"], len(shown["raters"])) == (True, 2)
    outcome = (await office.get(address, of_school(school=row["school_code"]))).json()["outcome"]
    assert outcome["items"][TIMETABLE]["share"] == pytest.approx((3 / 3 + 2 / 3) / 2)
    assert outcome["items"][FIRE] == {
        "scale": "yes_no",
        "share": 0.5,
        "ratings": [0, 1],
        "notes": ["灭火器过期两具"],
    }
    assert outcome["shares"]["small"] == pytest.approx((3 * (5 / 6) + 1 * 0.5) / (3 + 1))


async def test_a_phone_may_send_the_same_twice_and_never_overwrites_what_it_has_not_seen(office: Inspecting) -> None:
    (row, *_) = await office.drawn()
    address = await office.plan_visit(row)
    early = await office.put(f"{address}/ratings/{FIRE}", rating_body(1), FIRST)
    assert code_of(early) == "visit.not_under_way"
    await office.post(f"{address}:start", who=FIRST)
    change = rating_body(1)
    first = await office.put(f"{address}/ratings/{FIRE}", change, FIRST)
    assert first.json()["version"] == 1
    assert (await office.put(f"{address}/ratings/{FIRE}", change, FIRST)).json() == first.json()
    # The tablet of the same inspector was offline and has seen nothing yet.
    stale = await office.put(f"{address}/ratings/{FIRE}", rating_body(0), FIRST)
    assert (stale.status_code, code_of(stale)) == (409, "visit.rating_changed")
    better = await office.put(f"{address}/ratings/{FIRE}", rating_body(0, base=1), FIRST)
    assert (better.json()["version"], better.json()["rating"]) == (2, 0)
    mixed = [
        {"item": TIMETABLE, **rating_body(3)},
        {"item": FIRE, **rating_body(1)},
        {"item": "small.order.nothing", **rating_body(1)},
    ]
    answered = (await office.post(f"{address}/ratings:sync", {"items": mixed}, FIRST)).json()["items"]
    assert [(each["outcome"], each["problem"]) for each in answered] == [
        ("stored", None),
        ("conflict", "visit.rating_changed"),
        ("refused", "visit.item_unknown"),
    ]
    assert answered[1]["stored"]["rating"] == 0


async def test_ratings_outside_the_scale_or_from_the_future_are_refused(office: Inspecting) -> None:
    (row, *_) = await office.drawn()
    address = await office.plan_visit(row)
    await office.post(f"{address}:start", who=FIRST)
    assert code_of(await office.put(f"{address}/ratings/{FIRE}", rating_body(2), FIRST)) == "visit.rating_out_of_scale"
    both = rating_body(1, is_not_applicable=True)
    assert code_of(await office.put(f"{address}/ratings/{FIRE}", both, FIRST)) == "visit.rating_out_of_scale"
    ahead = rating_body(1) | {"client_at": (clock.now() + dt.timedelta(hours=1)).isoformat()}
    assert code_of(await office.put(f"{address}/ratings/{FIRE}", ahead, FIRST)) == "visit.clock_ahead"
    assert code_of(await office.put(f"{address}/ratings/{FIRE}", rating_body(1), NEAR)) == "visit.not_sent"
    assert code_of(await office.post(f"{address}:submit", who=FIRST)) == "visit.ratings_incomplete"
    await office.put(f"{address}/ratings/{FIRE}", rating_body(0), FIRST)
    gaps = (await office.post(f"{address}:submit", who=FIRST)).json()["errors"]
    assert [(gap["pointer"], gap["code"]) for gap in gaps] == [
        (f"/ratings/{TIMETABLE}", "visit.item_unrated"),
        (f"/ratings/{FIRE}", "visit.note_missing"),
    ]


async def test_a_school_signs_what_it_has_seen_and_then_nothing_changes(office: Inspecting) -> None:
    row = next(row for row in await office.drawn() if not row["is_double_rated"])
    address = await office.rated_visit(row, GOOD)
    again = await office.put(f"{address}/ratings/{FIRE}", rating_body(0, base=1), FIRST)
    assert code_of(again) == "visit.not_under_way"
    rated = await office.get(address)
    early = await office.post(f"{address}:close-unsigned", {"reason": "学校未签收"}, match=rated)
    assert code_of(early) == "visit.signature_awaited"
    who = of_school(school=row["school_code"])
    wrong = await office.post(f"{address}:sign", {"outcome_sha256": "0" * 64}, who, match=rated)
    assert code_of(wrong) == "visit.outcome_differs"
    operator = of_school(Role.SCHOOL_OPERATOR, row["school_code"])
    body = {"outcome_sha256": rated.json()["outcome_sha256"]}
    assert code_of(await office.post(f"{address}:sign", body, operator, match=rated)) == "auth.forbidden"
    signed = await office.sign(address, row["school_code"], "灭火器已在采购流程中")
    assert (signed.json()["state"], signed.json()["actions"]) == ("signed", [])
    database = Database(office.settings.database_url.get_secret_value())
    for statement in ("update visits set remarks = ''", "update visit_ratings set rating = 0"):
        with pytest.raises(sa.exc.DBAPIError, match="final"):
            async with database.transaction("99/9900/") as session:
                await session.execute(sa.text(statement))
    await database.close()


async def test_a_school_visited_this_semester_is_left_alone_by_the_next_plan(office: Inspecting) -> None:
    row = next(row for row in await office.drawn() if not row["is_double_rated"])
    await office.rated_visit(row, GOOD)
    await county_drawn(office, row["county_code"])
    # Visited this semester already: not even in reserve.
    rows = (
        await office.get(f"/visit-plans/{row['county_code']}/county/schools", county_admin(row["county_code"]))
    ).json()
    assert row["school_code"] not in {each["school_code"] for each in rows["items"]}


async def test_beyond_the_limit_a_visit_needs_its_reason(office: Inspecting) -> None:
    row = next(row for row in await office.drawn() if not row["is_double_rated"])
    county = county_admin(row["county_code"])
    await county_drawn(office, row["county_code"], certain_schools=[row["school_code"]])
    await office.rated_visit(row, GOOD)
    body = visit_body(row, (FIRST,), plan="county")
    address = f"/visits/{uuid.uuid4()}"
    refused = await office.put(address, body, county)
    assert (code_of(refused), "1 次" in refused.json()["detail"]) == ("visit.too_many", True)
    allowed = await office.put(address, body | {"exceeds_limit_reason": "群众反映食堂问题"}, county)
    assert (allowed.status_code, allowed.json()["reason"]) == (201, "群众反映食堂问题")
    called_off = await office.post(f"{address}:cancel", {"reason": "与市级视导合并"}, county, match=allowed)
    assert called_off.json()["state"] == "cancelled"
    again = await office.put(address, body | {"exceeds_limit_reason": "另一个理由"}, county, match=called_off)
    assert code_of(again) == "visit.begun"


async def county_drawn(office: Inspecting, county_code: str, **changes: object) -> None:
    """A county's own plan of this semester, drawn."""
    county = county_admin(county_code)
    body = plan_body(schools=1, semester=semester(), rural_rate="0", double_rated_rate="0", with_city_run=False)
    await office.put(f"/inspectors/{FIRST.subject}", {"staff_code": "T1", "own_schools": []}, county)
    made = await office.put("/visit-plans/own/county", body | changes, county)
    assert made.status_code == 201, made.text
    async with office.working():
        job = await office.finished(await office.post("/visit-plans/own/county:close-frame", who=county), county)
    assert job["state"] == "succeeded", job
    drawn = await office.post("/visit-plans/own/county:draw", {"seed": 1, "witnessed_by": "督导室"}, county)
    assert drawn.status_code == 201, drawn.text


async def test_a_visit_that_nobody_signs_ends_after_its_days(
    office: Inspecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = next(row for row in await office.drawn() if not row["is_double_rated"])
    address = await office.rated_visit(row, GOOD)
    rated = await office.get(address)
    last = dt.date.fromisoformat(rated.json()["sign_due_on"])
    assert last == national_calendar().add_working_days(clock.today(), 3)
    monkeypatch.setattr(clock, "today", lambda: last + dt.timedelta(days=1))
    closed = await office.post(f"{address}:close-unsigned", {"reason": "学校逾期未签收"}, match=rated)
    assert closed.json()["state"] == "closed_unsigned"
    late = await office.sign(address, row["school_code"])
    assert code_of(late) == "workflow.not_allowed"


async def test_photographs_belong_to_the_visit_while_it_is_under_way(office: Inspecting) -> None:
    (row, *_) = await office.drawn()
    address = await office.plan_visit(row)
    png = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
        "0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
    upload = {"files": {"file": ("现场.png", png, "image/png")}}
    early = await office.client.post(f"{address}/evidence", headers=bearer(FIRST), **upload)
    assert code_of(early) == "visit.not_under_way"
    await office.post(f"{address}:start", who=FIRST)
    attached = await office.client.post(f"{address}/evidence", headers=bearer(FIRST), **upload)
    assert attached.status_code == 201, attached.text
    listed = (await office.get(f"{address}/evidence", of_school(school=row["school_code"]))).json()["items"]
    assert [file["kind"] for file in listed] == ["image"]
    stranger = await office.client.post(f"{address}/evidence", headers=bearer(NEAR), **upload)
    assert code_of(stranger) == "visit.not_sent"
