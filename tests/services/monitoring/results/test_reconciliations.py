"""Reconciliation: what differs is found both ways and to the row, and what is withheld is not compared."""

import io
from typing import Any

import httpx
import polars as pl
import pytest

from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import CITY_ADMIN, PROVINCE, SCHOOLS, SMALL, at_county, at_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
KEYS = ["level", "county_code", "school_code", "class_code", "subject"]
FIGURES = ["mean", "n_sat", "pass_rate"]
Rows = list[dict[str, Any]]


async def held(city: Office, who: Actor = PROVINCE, table: str = "summary") -> pl.DataFrame:
    content = (await city.get(f"/results/{table}:download", who)).content
    return pl.read_parquet(io.BytesIO(content)).filter(pl.col("level") == "school")


async def own_rows(city: Office, who: Actor = PROVINCE) -> Rows:
    """What the caller would hold after a faultless pull."""
    long = (await held(city, who)).select(*KEYS, *(pl.col(name).cast(pl.Float64) for name in FIGURES))
    rows = long.unpivot(on=FIGURES, index=KEYS, variable_name="figure", value_name="value").drop_nulls("value")
    return rows.drop("class_code").to_dicts()


async def post(city: Office, rows: Rows, who: Actor = PROVINCE, **params: Any) -> httpx.Response:
    return await city.client.post(
        "/exams/exam/results/reconciliations",
        json={"rows": rows},
        params={"table": "summary"} | params,
        headers=bearer(who),
    )


async def test_a_faultless_copy_differs_in_nothing(city: Office) -> None:
    rows = await own_rows(city)
    answer = await post(city, rows)
    assert answer.status_code == 201, answer.text
    body = answer.json()
    assert body["items"] == []
    counts = body["reconciliation"]["counts"]
    assert counts["equal"] == len(rows)
    assert sum(counts.values()) == len(rows)
    rounded = [row | {"value": f"{row['value'] + 1e-12:.2f}"} for row in rows if row["figure"] != "mean"]
    assert (await post(city, rounded, digits=2)).json()["items"] == []


async def test_every_kind_of_difference_is_found_to_the_row(city: Office) -> None:
    rows = await own_rows(city)
    changed, absent, twice, unreadable = rows[0], rows[1], rows[2], rows[3]
    strange = changed | {"school_code": "2199999999"}
    posted = [
        changed | {"value": changed["value"] + 0.5},
        twice,
        *rows[2:3],
        unreadable | {"value": "n/a"},
        *rows[4:],
        strange,
    ]
    body = (await post(city, posted, page_size=2)).json()
    counts = body["reconciliation"]["counts"]
    expected = {"different": 1, "missing_there": 1, "missing_here": 1, "repeated": 1, "unreadable": 1, "withheld": 0}
    assert counts == expected | {"equal": len(rows) - 4}
    record = body["reconciliation"]["id"]
    items, cursor = body["items"], body["next_cursor"]
    while cursor:
        params = {"cursor": cursor, "page_size": 2}
        following = (await city.get(f"/results/reconciliations/{record}", PROVINCE, params=params)).json()
        items, cursor = items + following["items"], following["next_cursor"]
    by_outcome = {item["outcome"]: item for item in items}
    assert len(items) == 5
    different = by_outcome["different"]
    assert (different["key"]["school_code"], different["figure"]) == (changed["school_code"], changed["figure"])
    assert (different["ours"], different["theirs"]) == (changed["value"], changed["value"] + 0.5)
    assert different["difference"] == pytest.approx(0.5)
    assert by_outcome["missing_there"]["key"]["subject"] == absent["subject"]
    assert by_outcome["missing_there"]["ours"] == absent["value"]
    assert by_outcome["missing_here"]["key"]["school_code"] == "2199999999"


async def test_files_are_compared_like_bodies_and_the_record_is_cited_by_both(city: Office) -> None:
    rows = await own_rows(city)
    rows[5] = rows[5] | {"value": 0.125}
    content = pl.DataFrame(rows).write_csv().encode()
    headers = bearer(PROVINCE) | {"Content-Type": "text/csv"}
    address = "/exams/exam/results/reconciliations?table=summary"
    answer = await city.client.post(address, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    assert [item["theirs"] for item in answer.json()["items"]] == [0.125]
    record = answer.json()["reconciliation"]
    assert answer.headers["location"].endswith(record["id"])
    seen = await city.get(f"/results/reconciliations/{record['id']}", CITY_ADMIN)
    assert seen.json()["items"] == answer.json()["items"]
    assert record["id"] in (await city.get("/results/reconciliations", CITY_ADMIN)).text
    csv = await city.get(f"/results/reconciliations/{record['id']}:download", CITY_ADMIN, params={"format": "csv"})
    assert "0.125" in csv.text
    for who in (at_county("990001"), at_school(SMALL), at_county("990002")):
        assert (await city.get(f"/results/reconciliations/{record['id']}", who)).status_code == 404


async def test_a_withheld_figure_is_not_compared_whatever_is_guessed(city: Office) -> None:
    key = {"level": "school", "county_code": SMALL.county, "school_code": SMALL.code, "subject": "chinese"}
    own = (await held(city, at_school(SMALL))).filter(subject="chinese")["mean"].item()
    for who in (PROVINCE, CITY_ADMIN, at_county(SMALL.county)):
        for guess in (0.0, 50.0, own, 100.0):
            body = (await post(city, [key | {"figure": "mean", "value": guess}], who)).json()
            mine = [item for item in body["items"] if item["key"]["school_code"] == SMALL.code]
            assert mine == []
            assert body["reconciliation"]["counts"]["withheld"] == 1
    body = (await post(city, [key | {"figure": "mean", "value": own}], at_school(SMALL))).json()
    assert body["reconciliation"]["counts"]["equal"] == 1
    # The school's own record holds what offices do not see.
    for who in (CITY_ADMIN, PROVINCE, at_county(SMALL.county)):
        address = f"/results/reconciliations/{body['reconciliation']['id']}"
        assert (await city.get(address, who)).status_code == 404


async def test_a_school_reconciles_itself_and_learns_of_no_other(city: Office) -> None:
    who, other = at_school(SCHOOLS["2199000001"]), SCHOOLS["2199000002"]
    key = {"level": "school", "county_code": other.county, "school_code": other.code, "subject": "chinese"}
    body = (await post(city, [key | {"figure": "mean", "value": 50.0}], who)).json()
    assert body["reconciliation"]["counts"]["missing_here"] == 1
    assert [item["ours"] for item in body["items"] if item["key"]["school_code"] == other.code] == [None]


async def test_what_cannot_be_compared_is_refused(city: Office) -> None:
    row = {"level": "city", "subject": "maths", "figure": "mean", "value": 1}
    for rows, code in (
        ([row | {"figure": "nothing"}], "request.invalid"),
        ([row | {"pupil": "x"}], "request.invalid"),
        ([], "reconciliation.empty"),
    ):
        refused = await post(city, rows)
        assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text
    many = await post(city, [row] * 100_001)
    assert (many.status_code, many.json()["code"]) == (422, "reconciliation.too_many_rows")
    assert (await post(city, [row], table="nothing")).status_code == 404
    assert (await post(city, [row | {"value": True}])).status_code == 422
