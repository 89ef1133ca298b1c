"""Reports as people of each role read them."""

from typing import Any

import pytest

from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import (
    CITY_ADMIN,
    IN_A_PAIR,
    MODEL,
    PROVINCE,
    SCHOOLS,
    SMALL,
    at_county,
    at_school,
)
from tests.support.settings import actor

pytestmark = pytest.mark.anyio
OWN, OTHER = SCHOOLS["2199000001"], SCHOOLS["2199000002"]


async def report(office: Office, who: Actor, *, subject: str = "maths", **params: Any) -> dict[str, Any]:
    answer = await office.get(f"/reports/{subject}", who, params=params)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def refusal(office: Office, who: Actor, *, subject: str = "maths", **params: Any) -> tuple[int, str]:
    answer = await office.get(f"/reports/{subject}", who, params=params)
    return answer.status_code, answer.json()["code"]


async def summary_row(office: Office, who: Actor, **keys: Any) -> dict[str, Any]:
    items = (await office.get("/results/summary", who, params={"subject": "maths", **keys})).json()["items"]
    row: dict[str, Any] = items[0]
    return row


async def test_a_schools_report_cites_its_version_and_equals_the_tables(reported: Office) -> None:
    document = await report(reported, at_school(OWN), level="school")
    assert (document["version"], document["subject"]["name_zh"]) == ("1.0.0", "数学")
    [section] = document["sections"]
    row = await summary_row(reported, at_school(OWN), level="school")
    group = section["group"]
    for name in ("mean", "sd", "score_rate"):
        assert group[name] == row[name]
    assert group["quantiles"]["p50"] == row["p50"]
    assert {rate["code"]: rate["of_present"] for rate in group["rates"]} == {
        code: row[f"{code}_rate"] for code in ("excellent", "good", "pass", "low_score")
    }
    assert group["participation"]["n_sat"] == row["n_sat"]
    assert [reference["level"] for reference in section["references"]] == ["county", "city"]
    assert section["reference"] == "city"


async def test_the_gap_is_the_difference_of_the_two_figures(reported: Office) -> None:
    [section] = (await report(reported, at_school(OWN), level="school"))["sections"]
    city = section["references"][-1]
    against = next(gaps for gaps in section["group"]["gaps"] if gaps["reference"] == "city")
    difference = section["group"]["mean"]["value"] - city["mean"]["value"]
    assert against["mean"]["gap"]["value"] == pytest.approx(difference)
    low, high = against["mean"]["gap"]["ci"]
    assert low < difference < high
    expected = "strength" if low > 0 else "gap" if high < 0 else "in_line"
    assert against["mean"]["verdict"] == expected


async def test_distribution_stands_beside_the_reference(reported: Office) -> None:
    [section] = (await report(reported, at_school(OWN), level="school"))["sections"]
    assert sum(band["share"] for band in section["distribution"]) == pytest.approx(1)
    params = {"level": "city", "subject": "maths"}
    city = (await reported.get("/results/bands", at_school(OWN), params=params)).json()["items"]
    assert [band["reference_share"] for band in section["distribution"]] == [row["share"] for row in city]


async def test_value_added_and_its_label_over_all_methods(reported: Office) -> None:
    [section] = (await report(reported, at_school(OWN), level="school"))["sections"]
    [model] = section["value_added"]
    shown = (await reported.get("/results/value-added", at_school(OWN))).json()["items"][0]
    labels = (await reported.get("/results/school-labels", at_school(OWN))).json()["items"][0]
    assert model["model"] == MODEL
    assert model["effect"] == shown["effect"]
    assert model["label"] == labels["label"]
    assert (await report(reported, at_school(OWN), level="school", subject="chinese"))["sections"][0][
        "value_added"
    ] == []


async def test_an_office_gets_counts_of_labels_not_effects(reported: Office) -> None:
    [section] = (await report(reported, at_county("990002"), level="county"))["sections"]
    [model] = section["value_added"]
    assert model["effect"] is None
    assert sum(model["labels"].values()) <= 4


async def test_peers_are_a_band_among_unnamed_schools(reported: Office) -> None:
    [section] = (await report(reported, at_school(OWN), level="school"))["sections"]
    by_place = next(peer for peer in section["peers"] if peer["attribute"] == "place")
    shown = (await reported.get("/results/peers", at_school(OWN))).json()["items"]
    expected = next(p for p in shown if (p["attribute"], p["metric"], p["subject"]) == ("place", "mean", "maths"))
    assert (by_place["band"], by_place["reason"]) == (expected["band"], expected["reason"])
    assert "rank" not in str(section)


async def test_no_report_holds_another_schools_code(reported: Office) -> None:
    for school in (OWN, SMALL, IN_A_PAIR):
        for role in ("school_admin", "teacher", "inspector"):
            for params in (
                {"level": "school"},
                {"level": "city"},
                {"level": "county"},
                {"level": "class", "class_code": "c1"},
            ):
                answer = await reported.get("/reports/maths", at_school(school, role), params=params)
                if school is SMALL and params["level"] == "class":
                    continue
                assert answer.status_code == 200, answer.text
                assert all(other.code not in answer.text for other in SCHOOLS.values() if other is not school)


async def test_a_place_of_others_is_answered_as_if_it_did_not_exist(reported: Office) -> None:
    expected = (404, "resource.not_found")
    assert await refusal(reported, at_school(OWN), level="school", school_code=OTHER.code) == expected
    assert await refusal(reported, at_county("990002"), level="school", school_code=OWN.code) == expected
    assert await refusal(reported, at_county("990002"), level="county", county_code="990001") == expected
    assert await refusal(reported, at_school(OWN), level="class", class_code="c99") == expected
    assert await refusal(reported, at_school(OWN), level="school", subject="entry") == expected


async def test_who_it_is_about_must_be_clear(reported: Office) -> None:
    expected = (422, "report.scope_unclear")
    assert await refusal(reported, CITY_ADMIN, level="school") == expected
    assert await refusal(reported, CITY_ADMIN, level="county") == expected
    assert await refusal(reported, at_school(OWN), level="class") == expected
    assert await refusal(reported, at_school(OWN), level="school", class_code="c1") == expected


@pytest.mark.parametrize("role", ["student", "guardian"])
async def test_pupils_and_guardians_get_no_report(reported: Office, role: str) -> None:
    assert (await refusal(reported, actor(role, OWN.path), level="school"))[0] == 403


async def test_what_tables_withhold_reports_withhold(reported: Office) -> None:
    [small] = (await report(reported, at_county("990001"), level="school", school_code=SMALL.code))["sections"]
    assert small["group"]["suppressed"]
    assert small["group"]["mean"]["value"] is None
    assert small["group"]["participation"]["n_sat"] is None
    assert small["distribution"] == []
    assert all(gaps["mean"]["verdict"] is None for gaps in small["group"]["gaps"])
    [own] = (await report(reported, at_school(SMALL), level="school"))["sections"]
    assert own["group"]["mean"]["value"] is not None


async def test_a_school_of_a_pair_is_not_compared_with_its_county(reported: Office) -> None:
    [section] = (await report(reported, at_school(IN_A_PAIR), level="school"))["sections"]
    county = section["references"][0]
    assert (county["level"], county["suppressed"], county["mean"]["value"]) == ("county", True, None)
    assert [gaps["reference"] for gaps in section["group"]["gaps"]] == ["city"]


async def test_members_by_level(reported: Office) -> None:
    [city] = (await report(reported, CITY_ADMIN, level="city"))["sections"]
    assert [member["county_code"] for member in city["members"]] == ["990001", "990002", "990003", "990004"]
    assert city["reference"] is None
    [county] = (await report(reported, PROVINCE, level="county", county_code="990001"))["sections"]
    assert [member["school_code"] for member in county["members"]] == [
        s for s in SCHOOLS if SCHOOLS[s].county == "990001"
    ]
    assert county["members"][0]["name_zh"] == f"第{OWN.code}学校"
    [school] = (await report(reported, at_school(OWN, "teacher"), level="school"))["sections"]
    assert {member["level"] for member in school["members"]} == {"class"}


async def test_a_teachers_classes_stand_side_by_side(reported: Office) -> None:
    params = {"level": "teacher", "class_code": ["c2", "c1"]}
    sections = (await report(reported, at_school(OWN, "teacher"), **params))["sections"]
    assert [section["group"]["class_code"] for section in sections] == ["c2", "c1"]
    assert [reference["level"] for reference in sections[0]["references"]] == ["school", "county", "city"]


async def test_a_total_is_reported_too(reported: Office) -> None:
    document = await report(reported, at_school(OWN), subject="total", level="school")
    assert document["subject"]["name_zh"] == "总分"
    assert document["sections"][0]["group"]["mean"]["value"] > 0


async def test_what_is_known_is_not_sent_again(reported: Office) -> None:
    first = await reported.get("/reports/maths", at_school(OWN), params={"level": "school"})
    assert first.headers["cache-control"] == "private, no-cache"
    again = await reported.get(
        "/reports/maths", at_school(OWN), params={"level": "school"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    other = await reported.get(
        "/reports/maths", at_school(OTHER), params={"level": "school"}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert other.status_code == 200
