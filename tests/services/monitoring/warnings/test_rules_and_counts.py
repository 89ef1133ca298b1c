"""Rules with their parameters and record; lists and counts of warnings."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text

from services.monitoring.warning_rules.schemas import precision
from shared.kernel import clock
from tests.services.monitoring.warnings.city import CITY_ADMIN, COUNTY, HEAD, SCHOOLS, People
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
TODAY = clock.now().astimezone(clock.CHINA).date()


async def put(city: People, rule: str, body: Any, who: Any = CITY_ADMIN, match: str | None = None) -> Any:
    headers = bearer(who)
    if match is None:
        read = await city.get(f"/warning-rules/{rule}/parameters")
        match = read.headers.get("etag", '"0"')
    return await city.client.put(f"/warning-rules/{rule}/parameters", json=body, headers={**headers, "If-Match": match})


async def test_every_rule_is_listed_with_its_document_and_bounds(warned_city: People) -> None:
    rules = {rule["code"]: rule for rule in (await warned_city.get("/warning-rules", HEAD)).json()["items"]}
    assert len(rules) == 10
    decline = rules["value_added_decline_two_years"]
    assert (decline["action"], decline["document"]["id"], decline["verified"]) == ("rectification", "T10", False)
    assert rules["value_added_decline_three_years"]["action"] == "accountability_review"
    assert all(rule["parameters"]["working_days_to_respond"]["least"] >= 1 for rule in rules.values())


async def test_the_record_of_a_rule_counts_outcomes_with_an_interval(warned_city: People) -> None:
    async with warned_city.office.kernel.database.transaction("") as session:
        closing = (
            "update warnings set state = 'closed', closed_at = raised_at, outcome = :outcome, "
            "responded_at = raised_at + interval '36 hours' where rule_code = 'low_score_rate' and school_code = :school"
        )
        schools = list(
            await session.scalars(
                text("select school_code from warnings where rule_code = 'low_score_rate' order by id")
            )
        )
        outcomes = ("confirmed", "false_alarm", "confirmed")
        for school, outcome in zip(schools, outcomes, strict=False):
            await session.execute(text(closing), {"school": school, "outcome": outcome})
    rules = {rule["code"]: rule for rule in (await warned_city.get("/warning-rules")).json()["items"]}
    (year,) = rules["low_score_rate"]["years"]
    closed = min(len(schools), 3)
    assert closed >= 2
    assert (year["school_year"], year["raised"], year["closed"]) == ("2026-2027", len(schools), closed)
    confirmed = outcomes[:closed].count("confirmed")
    assert year["precision"]["value"] == pytest.approx(confirmed / closed)
    assert year["precision"]["ci"][0] < confirmed / closed < year["precision"]["ci"][1]
    assert year["median_days_to_respond"] == pytest.approx(1.5)
    own = {rule["code"]: rule for rule in (await warned_city.get("/warning-rules", HEAD)).json()["items"]}
    assert sum(year["raised"] for year in own["low_score_rate"]["years"]) <= 1


def test_precision_is_confirmed_among_closed() -> None:
    found = precision(8, 10)
    assert found is not None
    assert (found.value, found.n) == (0.8, 10)
    # Wilson's interval of 8 in 10.
    assert found.ci == pytest.approx((0.4902, 0.9433), abs=5e-5)
    assert precision(0, 0) is None


async def test_a_bureau_sets_parameters_within_bounds_from_a_day_on(warned_city: People) -> None:
    day = (TODAY + dt.timedelta(days=3)).isoformat()
    body = {"parameters": {"threshold": 0.2}, "in_force_from": day, "reason": "试行一年后收紧"}
    first = await put(warned_city, "low_score_rate", body)
    assert (first.status_code, first.json()["version"]) == (200, 1), first.text
    same = await put(warned_city, "low_score_rate", body)
    assert (same.status_code, same.json()["version"]) == (200, 1)
    changed = await put(warned_city, "low_score_rate", {**body, "parameters": {"threshold": 0.25}})
    assert changed.json()["version"] == 2
    history = (await warned_city.get("/warning-rules/low_score_rate/parameters", COUNTY)).json()["items"]
    assert [(row["in_force_from"], row["parameters"]) for row in history] == [(day, {"threshold": 0.25})]
    rules = {rule["code"]: rule for rule in (await warned_city.get("/warning-rules")).json()["items"]}
    assert rules["low_score_rate"]["parameters"]["threshold"]["value"] == 0.3  # not in force today
    async with warned_city.office.kernel.database.transaction("") as session:
        audited = text(
            "select payload::jsonb -> 'detail' ->> 'before' from audit_log where action = :action order by seq"
        )
        before = list(await session.scalars(audited, {"action": "warning_rule.parameters_set"}))
    assert len(before) == 2
    assert '"threshold": 0.2' in before[1]


@pytest.mark.parametrize(
    ("parameters", "pointers"),
    [
        ({"threshold": 0.99}, ["/parameters/threshold"]),
        ({"threshold": "0.2"}, ["/parameters/threshold"]),
        ({"width": 0.1, "working_days_to_respond": 500}, ["/parameters/width", "/parameters/working_days_to_respond"]),
        ({"working_days_to_respond": 7.5}, ["/parameters/working_days_to_respond"]),
    ],
)
async def test_parameters_out_of_bounds_are_refused_all_at_once(
    warned_city: People, parameters: dict[str, Any], pointers: list[str]
) -> None:
    body = {"parameters": parameters, "in_force_from": TODAY.isoformat(), "reason": "试一试极端值"}
    refused = await put(warned_city, "low_score_rate", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "warning_rule.parameters_refused"), refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == pointers


async def test_who_may_set_parameters_and_how(warned_city: People) -> None:
    body = {"parameters": {"threshold": 0.2}, "in_force_from": TODAY.isoformat(), "reason": "试行一年后收紧"}
    for who in (COUNTY, HEAD):
        assert (await put(warned_city, "low_score_rate", body, who)).status_code == 403
    past = {**body, "in_force_from": (TODAY - dt.timedelta(days=1)).isoformat()}
    refused = await put(warned_city, "participation_gap", {**past, "parameters": {"threshold": 0.1}})
    assert (refused.status_code, refused.json()["code"]) == (422, "warning_rule.backdated")
    assert (await put(warned_city, "entrance_rate", body)).status_code == 404
    assert (await put(warned_city, "low_score_rate", body, match='"999"')).status_code == 412
    without = await warned_city.client.put(
        "/warning-rules/low_score_rate/parameters", json=body, headers=bearer(CITY_ADMIN)
    )
    assert without.status_code == 428
    for wrong in ({**body, "reason": "短"}, {**body, "parameters": {"threshold": True}}, {**body, "measure": "x"}):
        assert (await put(warned_city, "low_score_rate", wrong)).status_code == 422


async def test_lists_are_filtered_and_paged(warned_city: People) -> None:
    everything = await warned_city.listed()
    assert len(everything) >= 3
    assert {warning["county_code"] for warning in await warned_city.listed(county_code="990001")} == {"990001"}
    assert await warned_city.listed(rule="missing_sheet") == []
    assert await warned_city.listed(overdue="true") == []
    assert len(await warned_city.listed(overdue="false")) == len(everything)
    in_maths = [warning for warning in everything if warning["subject"] == "maths"]
    assert len(await warned_city.listed(subject="maths", school_year="2026-2027")) == len(in_maths)
    pages, cursor = [], None
    while True:
        params = {"page_size": 1} | ({"cursor": cursor} if cursor else {})
        page = (await warned_city.get("/warnings", params=params)).json()
        pages += page["items"]
        if (cursor := page["next_cursor"]) is None:
            break
    assert [warning["id"] for warning in pages] == [warning["id"] for warning in everything]
    for wrong in ("state=guilty", "severity=1", "pupil=x", "page_size=0", "cursor=x"):
        assert (await warned_city.get(f"/warnings?{wrong}")).status_code in (400, 422), wrong


async def test_counts_by_each_dimension_agree_with_the_list(warned_city: People) -> None:
    everything = await warned_city.listed()
    for by, field in (("rule", "rule"), ("county", "county_code"), ("school", "school_code"), ("severity", "severity")):
        counted = (await warned_city.get("/warning-counts", params={"by": by})).json()
        expected = {
            warning[field]: sum(other[field] == warning[field] for other in everything) for warning in everything
        }
        assert {entry["key"]: entry["total"] for entry in counted["items"]} == expected
        assert all(sum(entry["states"].values()) == entry["total"] for entry in counted["items"])
    county = (await warned_city.get("/warning-counts", COUNTY, params={"by": "school"})).json()["items"]
    assert {SCHOOLS[entry["key"]].county for entry in county} <= {"990001"}
    assert (await warned_city.get("/warning-counts?by=pupil")).status_code == 422
