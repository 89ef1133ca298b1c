"""Reading results: filters, pages, statistics with their precision, copies that know when they are stale."""

import math
from typing import Any

import httpx
import polars as pl
import pytest

from services.monitoring.results.schemas import StatisticOut, TablePage, ValueAddedPage
from services.monitoring.results.table_files import TableFiles
from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import CITY_ADMIN, MODEL, PROVINCE, SCHOOLS, TABLES, at_county, at_school

pytestmark = pytest.mark.anyio


async def frame(city: Office, name: str) -> pl.DataFrame:
    manifest = (await city.get("/results")).json()["manifest"]
    return TableFiles.of(manifest["frames"][name]).get(city.kernel.columns)


async def every_page(city: Office, path: str, who: Actor = CITY_ADMIN, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        asked = {**params, **({"cursor": cursor} if cursor else {})}
        page = await city.get(f"/results/{path}", who, params=asked)
        assert page.status_code == 200, page.text
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return items


async def test_a_statistic_comes_with_its_precision_its_base_and_its_method(city: Office) -> None:
    filters = {"level": "city", "subject": "maths"}
    [item] = (await city.get("/results/summary", params=filters)).json()["items"]
    [row] = (await frame(city, "summary")).filter(level="city", subject="maths").to_dicts()
    method = {"method": "distribution.summary", "version": "1.0.0", "suppressed": False}
    interval = [row["mean_ci_low"], row["mean_ci_high"]]
    assert item["mean"] == {"value": row["mean"], "n": row["n_sat"], "se": row["se_mean"], "ci": interval, **method}
    assert item["pass_rate"]["se"] == row["pass_rate_se"]
    assert item["pass_rate_registered"]["n"] == row["n_registered"] > row["n_sat"]
    assert item["pass_rate_registered"]["ci"] == [
        row["pass_rate_registered_ci_low"],
        row["pass_rate_registered_ci_high"],
    ]
    assert item["p50"] == {"value": row["p50"], "n": row["n_sat"], "se": None, "ci": None, **method}
    assert item["participation_rate"]["n"] == row["n_registered"]
    assert (item["n_sat"], item["n_absent"]) == (row["n_sat"], row["n_absent"])
    assert not [name for name in item if name.endswith(("_se", "_ci_low", "_ci_high"))]


async def test_every_table_is_what_its_documentation_says(city: Office) -> None:
    for table in TABLES:
        answer = (await city.get(f"/results/{table}", params={"page_size": 50})).json()
        assert TablePage.model_validate(answer).items, table
    value_added = (await city.get("/results/value-added")).json()
    assert ValueAddedPage.model_validate(value_added).model is not None
    statistic = value_added["items"][0]["effect"]
    assert set(statistic) == set(StatisticOut.model_fields)


@pytest.mark.parametrize("table", TABLES)
async def test_pages_run_through_the_whole_table_once(city: Office, table: str) -> None:
    whole = await every_page(city, table, page_size=1000)
    paged = await every_page(city, table, page_size=max(1, min(1000, len(whole) // 4)))
    assert paged == whole
    stored = await frame(city, table.replace("-", "_"))
    if "suppressed" not in stored.columns:
        assert len(whole) == stored.height


async def test_filters_choose_rows_by_key(city: Office) -> None:
    school = SCHOOLS["2199000005"]
    filters = {"level": "class", "subject": "maths", "county_code": school.county, "school_code": school.code}
    items = (await city.get("/results/summary", params=filters)).json()["items"]
    expected = (await frame(city, "summary")).filter(level="class", subject="maths", school_code=school.code)
    assert [item["class_code"] for item in items] == expected["class_code"].to_list()
    [one] = (await city.get("/results/summary", params={**filters, "class_code": "c2"})).json()["items"]
    assert one["class_code"] == "c2"
    metrics = (await city.get("/results/comparison", params={"metric": "mean", "attribute": "place"})).json()["items"]
    assert {(item["metric"], item["attribute"]) for item in metrics} == {("mean", "place")}
    changes = (await city.get("/results/companions", params={"measure": "delta_t", "model": MODEL})).json()["items"]
    assert {item["measure"] for item in changes} == {"delta_t"}


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/summary?measure=delta_t", "query:measure"),
        ("/summary?Level=city", "query:Level"),
        ("/bands?page=2", "query:page"),
        ("/funnel?class_code=c1", "query:class_code"),
        ("/value-added?subject=maths", "query:subject"),
        ("?fields=manifest", "query:fields"),
    ],
)
async def test_filters_nobody_knows_are_refused(city: Office, path: str, pointer: str) -> None:
    refused = await city.get(f"/results{path}")
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


async def test_unknown_tables_exams_and_cursors(city: Office) -> None:
    unknown = await city.get("/results/secrets")
    assert (unknown.status_code, unknown.json()["type"].rsplit("/", 1)[-1]) == (404, "results.table_unknown")
    assert "value-added-schools" in unknown.json()["detail"]
    assert (await city.get("/results/secrets:download")).status_code == 404
    other = await city.client.get("/exams/other/results", headers={"Authorization": ""})
    assert other.status_code == 401
    assert (await city.get("/results/summary?cursor=nonsense")).status_code == 400
    cursor = (await city.get("/results/summary?page_size=5")).json()["next_cursor"]
    moved = await city.get("/results/summary", params={"cursor": cursor, "level": "city"})
    assert (moved.status_code, moved.json()["code"]) == (400, "request.cursor_invalid")


async def test_value_added_is_the_stored_figure_to_the_last_bit(city: Office) -> None:
    body = (await city.get("/results/value-added")).json()
    [model] = (await frame(city, "value_added_models")).to_dicts()
    schools = {row["school_code"]: row for row in (await frame(city, "value_added_schools")).to_dicts()}
    assert body["models"] == [MODEL] == [body["model"]["code"]]
    assert (body["model"]["method"], body["model"]["scale"], body["model"]["status"]) == ("reml", "t", "computed")
    assert (body["model"]["n"], body["model"]["groups"]) == (model["n_candidates"], len(SCHOOLS))
    for name, column in (("tau2", "tau2"), ("sigma2", "sigma2"), ("icc", "intraclass_correlation")):
        assert body["model"][name] == model[column]
    coefficients = (await frame(city, "value_added_coefficients")).to_dicts()
    assert [(c["term"], c["value"], c["se"]) for c in body["model"]["coefficients"]] == [
        (c["term"], c["estimate"], c["se"]) for c in coefficients
    ]
    assert len(body["items"]) == len(SCHOOLS)
    for item in body["items"]:
        row = schools[item["school_code"]]
        assert item["name_zh"] == f"第{item['school_code']}学校"
        if row["suppressed"]:
            assert item["effect"]["suppressed"]
            assert (item["effect"]["value"], item["n"], item["label"]) == (None, None, None)
        else:
            assert (item["effect"]["value"], item["effect"]["se"]) == (row["effect"], row["se"])
            assert item["effect"]["ci"] == [row["ci_low"], row["ci_high"]]
            assert (item["n"], item["effect"]["n"], item["label"]) == (row["n"], row["n"], row["label"])
            assert math.isclose(item["reliability"]["value"], row["reliability"], rel_tol=0)
    assert {row["suppression"] for row in schools.values() if row["suppressed"]} == {"primary", "complementary"}


async def test_a_model_may_be_named_however_the_plus_sign_arrives(city: Office) -> None:
    named = await city.get("/results/value-added", params={"model": MODEL})
    assert named.json()["model"]["code"] == MODEL
    unknown = await city.get("/results/value-added", params={"model": "maths~nothing[reml,t]"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "results.model_unknown")


def copies(answer: httpx.Response) -> tuple[str, str]:
    return answer.headers["etag"], answer.headers["cache-control"]


async def test_a_copy_is_private_and_asked_about_before_it_is_used(city: Office) -> None:
    for path in ("", "/summary?level=city", "/value-added", "/funnel:download"):
        first = await city.get(f"/results{path}")
        tag, control = copies(first)
        assert control == "private, no-cache"
        again = await city.get(f"/results{path}", headers={"If-None-Match": tag})
        assert (again.status_code, again.content, copies(again)) == (304, b"", (tag, control))
        # Another reader, another view: the tag says so.
        assert copies(await city.get(f"/results{path}", at_county("990001")))[0] != tag
    own = at_school(SCHOOLS["2199000001"])
    assert copies(await city.get("/results/summary", own)) != copies(await city.get("/results/summary", PROVINCE))
