"""A school among its unnamed peers."""

import polars as pl
import pytest

from services.monitoring.peers.rules import BAND_CODES, LEAST_SCHOOLS, peer_rows
from tests.services.monitoring.office import CITY_ADMIN, Office
from tests.services.monitoring.results.city import SCHOOLS, at_county, at_school

pytestmark = pytest.mark.anyio


def comparison(values: list[float]) -> pl.DataFrame:
    mean = sum(values) / len(values)
    sd = (sum((value - mean) ** 2 for value in values) / (len(values) - 1)) ** 0.5
    count = len(values)
    return pl.DataFrame(
        {
            "attribute": ["place"] * count, "grouping": ["value"] * count, "group_value": ["rural"] * count,
            "metric": ["mean"] * count, "subject": ["math"] * count, "model": pl.Series([None] * count, dtype=pl.String),
            "school_code": [f"s{n}" for n in range(count)], "status": ["computed"] * count, "n": [30] * count,
            "value": values, "se": [1.0] * count, "ci_low": [v - 1.96 for v in values],
            "ci_high": [v + 1.96 for v in values], "group_schools": [count] * count, "group_mean": [mean] * count,
            "group_sd": [sd] * count, "standardized_difference": [(v - mean) / sd for v in values],
        }
    )  # fmt: skip


def test_bands_count_schools_and_never_tell_a_value_of_another() -> None:
    values = [52.0, 60, 61, 62, 63, 64, 65, 80]
    [row] = peer_rows(comparison(values), school_code="s7").to_dicts()
    assert (row["value"], row["band"]) == (80.0, "well_above")
    assert {code: row[code] for code in BAND_CODES} == {
        "well_below": 0, "below": 1, "middle": 6, "above": 0, "well_above": 1,
    }  # fmt: skip
    assert row["group_mean"] == round(sum(values) / 8, 2)
    others = {value for value in values if value != 80}
    assert not others & {value for value in row.values() if isinstance(value, float)}


def test_a_small_group_shows_the_school_itself_and_nothing_of_the_group() -> None:
    [row] = peer_rows(comparison([50.0 + n for n in range(LEAST_SCHOOLS - 1)]), school_code="s0").to_dicts()
    assert (row["value"], row["reason"]) == (50.0, "few_peers")
    assert [row[name] for name in ("band", "group_mean", "group_sd", *BAND_CODES)] == [None] * 8


def test_a_school_without_a_figure_has_no_rows_and_order_does_not_matter() -> None:
    frame = comparison([50.0, 60, 61, 62, 63, 64, 65, 80])
    assert peer_rows(frame, school_code="elsewhere").is_empty()
    assert peer_rows(frame.reverse(), school_code="s3").equals(peer_rows(frame, school_code="s3"))


async def test_a_school_reads_its_own_place_and_no_other(city: Office) -> None:
    own, other = SCHOOLS["2199000005"], SCHOOLS["2199000006"]
    answer = await city.get("/results/peers", at_school(own))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["school_code"] == own.code
    assert body["items"]
    text = answer.text
    assert not [code for code in SCHOOLS if code != own.code and code in text]
    assert (await city.get(f"/results/peers?school_code={other.code}", at_school(own))).status_code == 404
    again = await city.get("/results/peers", at_school(own), headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_offices_name_the_school_they_ask_about(city: Office) -> None:
    assert (await city.get("/results/peers")).json()["code"] == "results.school_needed"
    code = "2199000005"
    answer = await city.get(f"/results/peers?school_code={code}", CITY_ADMIN)
    assert answer.json()["school_code"] == code
    elsewhere = await city.get(f"/results/peers?school_code={code}", at_county("990001"))
    assert elsewhere.status_code == 404


async def test_what_is_withheld_from_an_office_is_not_told_by_its_peers(city: Office) -> None:
    # Withheld beside the one small school of its county, and big enough to be compared.
    beside = SCHOOLS["2199000003"]
    for who in (CITY_ADMIN, at_county(beside.county)):
        answer = await city.get(f"/results/peers?school_code={beside.code}", who)
        subjects = {item["subject"] for item in answer.json()["items"] if item["model"] is None}
        assert subjects == set()
    own = (await city.get("/results/peers", at_school(beside))).json()["items"]
    assert {item["subject"] for item in own if item["model"] is None} == {"chinese", "maths", "total"}
