"""Figures filled in are shown with where they are from; a school may dispute them; what was decided counts."""

from typing import Any

import pytest

from tests.services.school_eval.campaigns.city import CAMPAIGN, RURAL, SCHEME, Round, campaign_body
from tests.support.city import (
    CITY_ADMIN,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    code_of,
    county_admin,
    of_school,
)
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
DISPUTES = f"/campaigns/{CAMPAIGN}/disputes"
OTHER_COUNTY = next(county for county in SCHOOLS.values() if county != COUNTY)
CLAIM = {"leaf": "B3", "claimed_value": 20, "reason": "漏计了本学期新增图书"}


@pytest.fixture
async def filled(city: Round) -> Round:
    """Every school has 800 pupils and 12,000 books: 15 a pupil."""
    for school, county in SCHOOLS.items():
        figures = {"figures": {"student_count": "800", "book_count": "12000"}}
        written = await city.put(f"/statistics/2026-2027/{county}-{school}", figures, of_school(school=school))
        assert written.status_code == 201, written.text
    await city.open_campaign()
    return city


async def dispute(city: Round, school: str = SCHOOL, **changes: Any) -> dict[str, Any]:
    """A dispute that was raised."""
    raised = await city.at(school, "/disputes", CLAIM | changes)
    assert raised.status_code == 201, raised.text
    found: dict[str, Any] = raised.json()
    return found


async def test_a_figure_says_where_it_is_from(filled: Round) -> None:
    leaf = (await filled.sheet(SCHOOL))["leaves"]["B3"]
    assert (leaf["value"], leaf["prefilled"]["value"], leaf["judge"]) == (15, 15, None)
    assert leaf["prefilled"]["origin"]["source"] == "statistics"
    campaign = (await filled.get(f"/campaigns/{CAMPAIGN}")).json()
    assert (len(campaign["prefill"]["values"]), campaign["prefill"]["unfilled"]) == (64, ["B1", "B2", "B4", "B5"])


async def test_a_dispute_accepted_with_a_value_counts(filled: Round) -> None:
    raised = await dispute(filled)
    assert (raised["state"], raised["shown_value"], raised["claimed_value"]) == ("raised", "15", "20")
    assert code_of(await filled.at(SCHOOL, "/disputes", CLAIM)) == "dispute.already_open"
    assert code_of(await filled.at(SCHOOL, ":confirm-figures")) == "dispute.still_open"
    stopped = await filled.step("begin-self-evaluation")
    assert (code_of(stopped), SCHOOL in stopped.json()["detail"]) == ("campaign.schools_missing", True)
    decision = {"reason": "核实入库单，同意更正", "value": 20}
    assert (
        await filled.post(f"{DISPUTES}/{raised['id']}:accept", decision, county_admin(OTHER_COUNTY))
    ).status_code == 404
    assert (await filled.post(f"{DISPUTES}/{raised['id']}:accept", decision, of_school())).status_code == 403
    accepted = await filled.post(f"{DISPUTES}/{raised['id']}:accept", decision, county_admin())
    assert (accepted.json()["state"], accepted.json()["decided_value"]) == ("accepted", "20")
    leaf = (await filled.sheet(SCHOOL))["leaves"]["B3"]
    assert (leaf["value"], leaf["prefilled"]["value"], leaf["judge"]) == (20, 15, "dispute")
    assert (await filled.at(SCHOOL, ":confirm-figures")).json()["figures_confirmed_at"] is not None
    drawn = await filled.to_city_verification()
    await filled.verify(drawn)
    await filled.run_job(await filled.step("compute"))
    rows = (await filled.get(f"/campaigns/{CAMPAIGN}/results/schools")).json()["items"]
    rest = {True: 40 * (30 * 1 + 10 * 0.75) / 40, False: 40}
    expected = {
        code: 20 * 0.8 + 20 * 1 + 20 * (20 if code == SCHOOL else 15) / 30 + rest[code in RURAL] for code in SCHOOLS
    }
    assert {row["school_code"]: row["total"] for row in rows} == {
        code: pytest.approx(round(total + 1e-9, 2)) for code, total in expected.items()
    }


async def test_a_dispute_can_be_refused_or_taken_back(filled: Round) -> None:
    first = await dispute(filled)
    refused = await filled.post(f"{DISPUTES}/{first['id']}:refuse", {"reason": "入库时间不在统计期内"}, county_admin())
    assert (refused.json()["state"], refused.json()["actions"]) == ("refused", [])
    again = await filled.post(f"{DISPUTES}/{first['id']}:accept", {"reason": "重新核实后同意"}, county_admin())
    assert code_of(again) == "workflow.not_allowed"
    second = await dispute(filled)
    assert (await filled.post(f"{DISPUTES}/{second['id']}:withdraw", None, of_school())).json()["state"] == "withdrawn"
    assert (await filled.sheet(SCHOOL))["leaves"]["B3"]["value"] == 15
    listed = (await filled.get(DISPUTES, CITY_ADMIN)).json()["items"]
    assert [row["state"] for row in listed] == ["refused", "withdrawn"]
    assert (await filled.get(DISPUTES, county_admin(OTHER_COUNTY))).json()["items"] == []


async def test_what_cannot_be_disputed_is_refused(filled: Round) -> None:
    for leaf in ("B1", "Z9"):
        assert code_of(await filled.at(SCHOOL, "/disputes", CLAIM | {"leaf": leaf})) == "dispute.not_computed"
    assert (await filled.at(SCHOOL, "/disputes", CLAIM | {"claimed_value": "many"})).status_code == 422
    await filled.step("begin-self-evaluation")
    assert code_of(await filled.at(SCHOOL, "/disputes", CLAIM)) == "campaign.not_now"
    assert code_of(await filled.step("prefill", {"exams": {}})) == "campaign.prefill_closed"


async def test_self_evaluation_waits_for_figures_to_be_filled_in(city: Round) -> None:
    await city.publish_scheme()
    await city.put(f"/campaigns/{CAMPAIGN}", campaign_body())
    await city.run_job(await city.step("open"))
    assert code_of(await city.step("begin-self-evaluation")) == "campaign.not_filled_in"


async def test_what_the_city_alone_gives_it_gives_of_every_school(city: Round) -> None:
    changed = SCHEME.replace("evaluators: [county]\n", "evaluators: [city]\n")
    await city.publish_scheme(changed)
    await city.put(f"/campaigns/{CAMPAIGN}", campaign_body())
    await city.run_job(await city.step("open"))
    await city.run_job(await city.step("prefill", {"exams": {}}))
    await city.step("begin-self-evaluation")
    for school in SCHOOLS:
        await city.submit(school)
    await city.step("draw", {"seed": "20261125-0417", "source": "市教育局公开摇号记录"})
    await city.step("begin-county-review")
    for school, county in SCHOOLS.items():
        items = [{"leaf": leaf} for leaf in ("B1", "B2", *(["B5"] if school in RURAL else []))]
        await city.at(school, "/values:review", {"items": items}, county_admin(county))
        assert (await city.at(school, ":review", None, county_admin(county))).status_code == 200
    await city.step("begin-city-verification")
    assert (await city.get(f"/campaigns/{CAMPAIGN}/gate")).json()["missing"][0]["count"] == 6
    board = await city.client.get(
        f"/campaigns/{CAMPAIGN}/evaluations", params={"is_drawn": "false"}, headers=bearer(CITY_ADMIN)
    )
    plain = board.json()["items"][0]["school_code"]
    only_own = {"items": [{"leaf": "B1"}]}
    assert (await city.at(plain, "/values:verify", only_own, CITY_ADMIN)).status_code == 422
    given = {"items": [{"leaf": "B4", "value": "B"}]}
    assert (await city.at(plain, "/values:verify", given, CITY_ADMIN)).status_code == 200
    assert (await city.at(plain, ":verify", None, CITY_ADMIN)).json()["state"] == "verified"
