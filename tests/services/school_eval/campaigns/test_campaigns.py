"""A campaign from its registration to the city's verification: what is frozen, who is missing, who may do what."""

import hashlib

import pytest

from tests.services.school_eval.campaigns.city import CAMPAIGN, Round, campaign_body, day
from tests.support.city import CITY_ADMIN, SCHOOL, SCHOOLS, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
SHARE, COUNTY_SIZE = 0.3, 3


async def test_a_round_from_draft_to_verification(city: Round) -> None:
    await city.open_campaign()
    opened = (await city.get(f"/campaigns/{CAMPAIGN}")).json()
    assert (opened["state"], len(opened["units_sha256"])) == ("data_checking", 64)
    assert opened["actions"] == ["begin_self_evaluation"]
    drawn = await city.to_city_verification()
    # Anybody can follow the draw: one of three is a third, rounded up.
    expected = [
        min(
            (code for code, county in SCHOOLS.items() if county == each),
            key=lambda code: hashlib.sha256(f"20261125-0417:{code}".encode()).hexdigest(),
        )
        for each in sorted(set(SCHOOLS.values()))
    ]
    assert drawn == sorted(expected)
    gate = (await city.get(f"/campaigns/{CAMPAIGN}/gate")).json()
    assert gate["missing"] == [{"what": "not_verified", "count": 2, "schools": drawn}]
    await city.verify(drawn)
    assert (await city.get(f"/campaigns/{CAMPAIGN}/gate")).json()["is_open"] is True


async def test_the_schools_are_frozen_with_their_attributes(city: Round) -> None:
    await city.open_campaign(scope={"counties": [SCHOOLS[SCHOOL]]})
    board = (await city.get(f"/campaigns/{CAMPAIGN}/evaluations")).json()["items"]
    assert [row["school_code"] for row in board] == [
        code for code, county in SCHOOLS.items() if county == SCHOOLS[SCHOOL]
    ]
    assert board[0]["attributes"] == {
        "county_code": SCHOOLS[SCHOOL],
        "school_type": "211",
        "stages": ["primary"],
        "stage_combination": "primary",
        "urban_rural": "220",
        "ownership": "21",
        "is_boarding": "true",
    }
    # In the village three values are entered, in the town two; the rest is filled in or judged.
    assert [row["asked_count"] for row in board] == [3, 2, 2]
    burden = (await city.get(f"/campaigns/{CAMPAIGN}/burden")).json()
    assert (burden["asked_total"], burden["asked_median"], burden["entered_leaves"]) == (7, 2, 3)
    assert (burden["computed_leaves"], burden["judged_elsewhere_leaves"], burden["leaf_count"]) == (1, 1, 5)


async def test_a_draft_is_changed_with_if_match_and_nothing_afterwards(city: Round) -> None:
    await city.publish_scheme()
    path = f"/campaigns/{CAMPAIGN}"
    first = await city.put(path, campaign_body())
    assert first.status_code == 201
    assert (await city.put(path, campaign_body())).status_code == 428
    changed = await city.put(path, campaign_body(least_group=4), match=first)
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert code_of(await city.put(path, campaign_body(), match=first)) == "request.precondition_failed"
    assert (await city.get(path, headers={"If-None-Match": changed.headers["etag"]})).status_code == 304
    await city.run_job(await city.step("open"))
    opened = await city.get(path)
    assert code_of(await city.put(path, campaign_body(), match=opened)) == "campaign.not_editable"


async def test_what_cannot_be_a_campaign_is_refused(city: Round) -> None:
    await city.publish_scheme()
    path = f"/campaigns/{CAMPAIGN}"
    calendar = campaign_body()["calendar"]
    for body in (
        campaign_body(calendar=calendar | {"county_review_ends_on": calendar["data_checking_ends_on"]}),
        campaign_body(calendar=calendar | {"publicity_working_days": 3}),
        campaign_body(school_year="2026"),
        campaign_body(least_group=2),
        campaign_body() | {"unknown": 1},
    ):
        assert (await city.put(path, body)).status_code == 422, body
    assert code_of(await city.put(path, campaign_body(scheme_version=2))) == "resource.not_found"
    assert code_of(await city.put(path, campaign_body(as_of="2025-12-31"))) == "scheme.not_in_force"
    for who in (county_admin(), of_school()):
        assert (await city.put(path, campaign_body(), who)).status_code == 403


async def test_a_scope_that_holds_nobody_leaves_the_draft(city: Round) -> None:
    await city.publish_scheme()
    for scope, problem in (
        ({"stages": ["senior"]}, "campaign.no_schools"),
        ({"schools": [SCHOOL, "2199999999"]}, "campaign.schools_unknown"),
        ({"attributes": {"ownership": ["22"]}}, "campaign.no_schools"),
    ):
        known = await city.get(f"/campaigns/{CAMPAIGN}")
        match = known if known.status_code == 200 else None
        assert (await city.put(f"/campaigns/{CAMPAIGN}", campaign_body(scope=scope), match=match)).status_code < 300
        job = await city.failed_job(await city.step("open"))
        assert job["problem"]["code"] == problem
        assert (await city.get(f"/campaigns/{CAMPAIGN}")).json()["state"] == "draft"


async def test_nobody_is_left_behind_without_a_reason(city: Round) -> None:
    await city.open_campaign()
    await city.step("begin-self-evaluation")
    late = next(iter(SCHOOLS))
    for school in SCHOOLS:
        if school != late:
            await city.submit(school)
    refused = await city.step("begin-county-review")
    assert code_of(refused) == "campaign.schools_missing"
    assert late in refused.json()["detail"]
    own = (await city.get(f"/campaigns/{CAMPAIGN}/gate", county_admin(SCHOOLS[late]))).json()
    assert own["missing"] == [{"what": "not_submitted", "count": 1, "schools": [late]}]
    other = next(county for county in SCHOOLS.values() if county != SCHOOLS[late])
    assert (await city.get(f"/campaigns/{CAMPAIGN}/gate", county_admin(other))).json()["missing"] == []
    accepted = await city.step("begin-county-review", {"accept_reason": "该校停课改建，本轮不参加"})
    assert accepted.status_code == 200
    assert accepted.json()["accepted"][0]["not_submitted"] == 1


async def test_steps_out_of_order_and_by_others_are_refused(city: Round) -> None:
    await city.open_campaign()
    assert code_of(await city.step("begin-city-verification")) == "workflow.not_allowed"
    assert code_of(await city.step("draw", {"seed": "123456", "source": "摇号"})) == "request.invalid"
    assert code_of(await city.step("draw", {"seed": "123456", "source": "公开摇号记录"})) == "campaign.draw_not_now"
    for who in (county_admin(), of_school()):
        assert (await city.step("begin-self-evaluation", None, who)).status_code == 403
    await city.step("begin-self-evaluation")
    assert (
        code_of(await city.step("extend", {"ends_on": day(19), "reason": "学校申请延期"}))
        == "campaign.extension_too_early"
    )
    assert (await city.step("extend", {"ends_on": day(30), "reason": "学校申请延期"})).status_code == 200
    for school in SCHOOLS:
        await city.submit(school)
    await city.step("begin-county-review")
    for school in SCHOOLS:
        await city.review(school)
    assert code_of(await city.step("begin-city-verification")) == "campaign.not_drawn"
    seed = {"seed": "20261125-0417", "source": "市教育局公开摇号记录"}
    assert (await city.step("draw", seed)).status_code == 200
    assert code_of(await city.step("draw", seed)) == "campaign.already_drawn"
    back = await city.step("begin-city-verification")
    assert back.json()["actions"] == ["reopen_county_review", "compute"]
    assert (await city.step("reopen-county-review", {"reason": "两县尺度不一，重新复核"})).json()[
        "state"
    ] == "county_review"


async def test_nobody_below_the_city_learns_beforehand_who_was_drawn(city: Round) -> None:
    await city.open_campaign()
    drawn = await city.to_city_verification()
    board = f"/campaigns/{CAMPAIGN}/evaluations"
    for who in (of_school(school=drawn[0]), county_admin(SCHOOLS[drawn[0]])):
        assert (await city.sheet(drawn[0], who))["is_drawn"] is None
        assert (await city.get(board, who, params={"is_drawn": "true"})).json()["items"] == []
        assert (await city.get(f"/campaigns/{CAMPAIGN}", who)).json()["draw"] is None
        assert (await city.get(f"/campaigns/{CAMPAIGN}/gate", who)).json()["missing"] == []
    assert (await city.sheet(drawn[0], CITY_ADMIN))["is_drawn"] is True
    await city.verify(drawn)
    await city.run_job(await city.step("compute"))
    # Now anybody can follow the draw.
    shown = (await city.get(f"/campaigns/{CAMPAIGN}", of_school())).json()["draw"]
    assert (shown["seed"], shown["schools"]) == ("20261125-0417", len(drawn))
    assert (await city.sheet(drawn[0]))["is_drawn"] is True
