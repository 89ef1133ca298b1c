"""Results: computed from what was said last, shown, appealed against, final; who sees what; what a ruling changes."""

import datetime as dt
import types
from typing import Any

import pytest

from services.school_eval.evaluations.service import opened
from shared.kernel import clock
from shared.kits.publicity import service as publicity
from shared.terms.actor import Actor, Role
from tests.services.school_eval.campaigns.city import CAMPAIGN, RURAL, SCHEME, Round
from tests.support.city import (
    CITY_ADMIN,
    CITY_COLLEAGUE,
    COUNTY,
    SCHOOL,
    SCHOOLS,
    code_of,
    county_admin,
    of_school,
)
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
RESULTS = f"/campaigns/{CAMPAIGN}/results"
OTHER = next(code for code, county in SCHOOLS.items() if county == COUNTY and code != SCHOOL)
#: Of everybody: B1 level B, B2 offered, B3 without a figure, B4 level A; in villages B5 one fault.
TOWN_TOTAL = 60 * (20 * 0.8 + 20 * 1) / 40 + 40 * 1
VILLAGE_TOTAL = 60 * (20 * 0.8 + 20 * 1) / 40 + 40 * (30 * 1 + 10 * 0.75) / 40
APPEAL = {"grounds": "德育方案已全部落实，佐证材料见附件。", "points": ["B1"], "asks_for": "将德育为先改为A等"}


def wait(monkeypatch: pytest.MonkeyPatch, *, days: int) -> None:
    """Lets time pass where windows are looked at; tokens live by the true clock."""
    later = types.SimpleNamespace(now=lambda: clock.now() + dt.timedelta(days=days), CHINA=clock.CHINA)
    for module in (publicity, opened):
        monkeypatch.setattr(module, "clock", later)


async def compute(city: Round) -> dict[str, Any]:
    """Takes a campaign through to its computed results; returns the job."""
    await city.open_campaign()
    drawn = await city.to_city_verification()
    assert code_of(await city.step("compute")) == "campaign.schools_missing"
    await city.verify(drawn)
    return await city.run_job(await city.step("compute"))


async def school(city: Round, code: str, who: Actor | None = None, version: str | None = None) -> dict[str, Any]:
    """A school's profile."""
    params = {"version": version} if version else {}
    answer = await city.get(f"{RESULTS}/schools/{code}", who or of_school(school=code), params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_totals_are_those_of_the_arithmetic(city: Round) -> None:
    job = await compute(city)
    assert (job["result"]["version"], job["result"]["changes"]) == ("1.0", None)
    listed = (await city.get(f"{RESULTS}/schools", params={"page_size": 4})).json()
    more = (await city.get(f"{RESULTS}/schools", params={"page_size": 4, "cursor": listed["next_cursor"]})).json()
    rows = listed["items"] + more["items"]
    assert {row["school_code"]: row["total"] for row in rows} == {
        code: pytest.approx(VILLAGE_TOTAL if code in RURAL else TOWN_TOTAL) for code in SCHOOLS
    }
    assert {row["grade"] for row in rows} == {"A"}
    assert [row["missing_count"] for row in rows] == [1] * 6
    counties = (await city.get(f"{RESULTS}/counties")).json()["items"]
    assert [(row["schools"], row["grades"]["A"], row["at_least_rate"]["A"]) for row in counties] == [(3, 3, 1.0)] * 2
    stable = (await city.get(f"{RESULTS}/sensitivity", params={"draws": 100})).json()
    assert stable["summary"][0]["unit_count"] == 6
    assert {row["school_code"] for row in stable["unstable"]} <= set(SCHOOLS)


async def test_an_explanation_adds_up_as_printed(city: Round) -> None:
    await compute(city)
    found = (await city.get(f"{RESULTS}/schools/{SCHOOL}/explanation")).json()

    def adds_up(node: dict[str, Any]) -> None:
        if node["children"]:
            parts = [child["printed_points"] for child in node["children"] if child["printed_points"] is not None]
            assert round(sum(parts), 2) == node["printed_points"], node["code"]
        for child in node["children"]:
            adds_up(child)

    adds_up(found["root"])
    assert found["root"]["printed_points"] == pytest.approx(VILLAGE_TOTAL)
    leaves = {leaf["code"]: leaf for branch in found["root"]["children"] for leaf in branch["children"]}
    assert leaves["B3"]["status"] == "reweighted"
    assert leaves["B1"]["weight_from"] == ["B3"]
    assert leaves["B5"]["sentence"]["zh"]


async def test_nobody_below_sees_results_before_they_are_shown(city: Round) -> None:
    await compute(city)
    for who in (of_school(), county_admin()):
        assert (await city.get(RESULTS, who)).json() == {"campaign": CAMPAIGN, "in_force": None, "versions": []}
        assert (await city.get(f"{RESULTS}/schools", who)).status_code == 404
    assert code_of(await city.at(SCHOOL, "/appeals", APPEAL)) == "campaign.not_now"
    assert (await city.step("begin-publicity")).status_code == 200
    own = await school(city, SCHOOL)
    assert own["school"]["total"] == pytest.approx(VILLAGE_TOTAL)
    # A school sees itself, its group as bands, and neither places nor names of others.
    assert own["school"]["rank_in_group"] is None
    assert own["band"] == {"group": "220", "units": 2, "quartiles": None, "quarter": None}
    assert (await city.get(f"{RESULTS}/schools/{OTHER}", of_school())).status_code == 404
    assert (await city.get(f"{RESULTS}/schools/{OTHER}/explanation", of_school())).status_code == 404
    rows = (await city.get(f"{RESULTS}/schools", of_school())).json()["items"]
    assert [row["school_code"] for row in rows] == [SCHOOL]
    assert (await city.get(f"{RESULTS}/counties", of_school())).status_code == 403
    county = (await city.get(f"{RESULTS}/schools", county_admin())).json()["items"]
    assert [row["school_code"] for row in county] == [code for code, where in SCHOOLS.items() if where == COUNTY]
    assert {row["rank_in_group"] for row in county} == {None}
    assert (await school(city, SCHOOL, CITY_ADMIN))["school"]["rank_in_group"] == 1


async def test_what_is_shown_is_frozen_and_names_nobody(city: Round) -> None:
    await compute(city)
    await city.step("begin-publicity")
    notices = (await city.get(f"/campaigns/{CAMPAIGN}/notices", of_school())).json()["items"]
    assert [(notice["state"], notice["working_days"]) for notice in notices] == [("open", 5)]
    content = notices[0]["content"]
    assert "schools" not in content
    assert content["grades"] == [
        {"county_code": county, "grade": "A", "schools": 3} for county in sorted(set(SCHOOLS.values()))
    ]
    assert code_of(await city.step("finalize")) == "publicity.not_over"
    assert code_of(await city.step("compute")) == "workflow.not_allowed"
    back = await city.step("withdraw-publicity", {"reason": "公示标题有误，重新公示"})
    assert back.json()["state"] == "computed"
    assert (await city.step("begin-publicity")).json()["state"] == "in_publicity"


async def test_a_ruling_makes_a_new_version_with_everything_it_changes(
    city: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    await compute(city)
    await city.step("begin-publicity")
    head, appeals = of_school(), f"/campaigns/{CAMPAIGN}/evaluations/{SCHOOL}/appeals"
    appealed = await city.post(appeals, APPEAL, head)
    assert appealed.status_code == 201, appealed.text
    appeal = f"{appeals}/{appealed.json()['id']}"
    assert (await city.post(appeals, APPEAL, of_school(Role.SCHOOL_OPERATOR))).status_code == 403
    assert (await city.get(appeal, of_school(school=OTHER))).status_code == 404
    every = f"/campaigns/{CAMPAIGN}/appeals"
    assert [row["state"] for row in (await city.get(every)).json()["items"]] == ["submitted"]
    assert (await city.get(every, of_school(school=OTHER))).json()["items"] == []
    assert (await city.get(every, county_admin())).json()["items"] == []
    assert (await city.post(f"{appeal}:accept", {"body": "予以受理，三日内核实。"})).status_code == 200
    ruling = {"outcome": "upheld", "body": "现场核实，德育方案已落实，改为A等。"}
    wrong = ruling | {"effect": {"values": [{"leaf": "B1", "value": "E"}, {"leaf": "B9", "value": 1}]}}
    assert (await city.post(f"{appeal}:rule", wrong)).status_code == 422
    ruled = await city.post(f"{appeal}:rule", ruling | {"effect": {"values": [{"leaf": "B1", "value": "A"}]}})
    assert ruled.status_code == 200, ruled.text
    applied = ruled.json()["applied"]
    assert applied["values"] == [{"leaf": "B1", "before": "B", "after": "A"}]
    await city.ended(applied["job"])
    versions = (await city.get(RESULTS)).json()
    assert [row["version"] for row in versions["versions"]] == ["1.1", "1.0"]
    changes = versions["versions"][0]["changes"]
    new_total = 60 * (20 * 1 + 20 * 1) / 40 + 40 * (30 * 1 + 10 * 0.75) / 40
    assert (await school(city, SCHOOL))["school"]["total"] == pytest.approx(new_total)
    assert (await school(city, SCHOOL, version="1.0"))["school"]["total"] == pytest.approx(VILLAGE_TOTAL)
    listed = (await city.get(f"{RESULTS}/changes", params={"version": "1.1"})).json()["items"]
    assert len(listed) == changes["figures"]
    own = {
        (row["node"], row["figure"]): (row["before"], row["after"]) for row in listed if row["school_code"] == SCHOOL
    }
    assert own[("B1", "choice")] == ("B", "A")
    assert float(own[("", "printed_total")][1]) == pytest.approx(new_total)
    # The other village school keeps every point and loses its shared first place.
    neighbor = next(code for code in RURAL if code != SCHOOL)
    others = {(row["node"], row["figure"]) for row in listed if row["school_code"] == neighbor}
    assert others == {("", "rank_in_group"), ("", "tie_count")}
    assert {row["school_code"] for row in listed} == set(RURAL)
    seen = (await city.get(f"{RESULTS}/changes", of_school(school=neighbor))).json()["items"]
    assert seen == []
    assert (await city.sheet(SCHOOL))["leaves"]["B1"]["judge"] == "ruling"
    wait(monkeypatch, days=40)
    assert code_of(await city.step("finalize")) == "campaign.appeals_open"


async def test_results_become_final_and_published(city: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    await compute(city)
    await city.step("begin-publicity")
    wait(monkeypatch, days=40)
    assert code_of(await city.at(SCHOOL, "/appeals", APPEAL)) == "campaign.window_over"
    assert (await city.step("finalize")).json()["state"] == "final"
    assert (await city.step("publish", None, CITY_COLLEAGUE)).json()["state"] == "published"
    trend = (await city.get(f"{RESULTS}/schools/{SCHOOL}/trend", of_school())).json()
    assert [(point["campaign"], point["grade"], point["scheme_number"]) for point in trend["points"]] == [
        (CAMPAIGN, "A", 1)
    ]
    assert (await city.step("archive")).json()["state"] == "archived"


async def test_the_same_inputs_give_the_same_bytes(city: Round) -> None:
    await compute(city)
    await city.run_job(await city.step("compute"))
    versions = (await city.get(RESULTS)).json()["versions"]
    assert [row["version"] for row in versions] == ["2.0", "1.0"]
    assert versions[0]["inputs_sha256"] == versions[1]["inputs_sha256"]
    assert versions[0]["changes"]["figures"] == 0


async def test_a_draft_is_run_over_past_campaigns(city: Round) -> None:
    await compute(city)
    known = await city.get("/schemes/city_school")
    stricter = SCHEME.replace("at_least: 90", "at_least: 95")
    headers = bearer(CITY_ADMIN) | {"Content-Type": "application/yaml", "If-Match": known.headers["etag"]}
    sent = await city.client.put("/schemes/city_school/draft", content=stricter.encode(), headers=headers)
    assert sent.status_code == 200, sent.text
    found = (await city.post("/schemes/city_school/draft:back-cast", {"campaigns": [CAMPAIGN]})).json()
    assert [(row["grade_before"], row["grade_after"], row["unit_count"]) for row in found["grades"]] == [("A", "B", 6)]
    assert {row["school_code"] for row in found["moved"]} == set(SCHOOLS)
    assert (found["summary"][0]["worse_count"], found["summary"][0]["campaign"]) == (6, CAMPAIGN)
    assert (
        code_of(await city.post("/schemes/city_school/draft:back-cast", {"campaigns": ["none"]}))
        == "resource.not_found"
    )
