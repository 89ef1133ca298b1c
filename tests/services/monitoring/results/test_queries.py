"""Queries: what they find is what the tables show, and nothing withheld can be found by asking."""

import json
from typing import Any

import httpx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.results.filters import Filter, meaning
from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import CITY_ADMIN, PROVINCE, SCHOOLS, SMALL, at_county, at_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio


async def ask(city: Office, body: dict[str, Any], who: Actor = CITY_ADMIN, table: str = "summary") -> httpx.Response:
    return await city.client.post(f"/exams/exam/results/{table}:query", json=body, headers=bearer(who))


async def found(city: Office, body: dict[str, Any], who: Actor = CITY_ADMIN, table: str = "summary") -> list[Any]:
    answer = await ask(city, {"page_size": 1000} | body, who, table)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


async def test_a_query_finds_what_the_table_shows(city: Office) -> None:
    whole = (await city.get("/results/summary", params={"page_size": 1000})).json()["items"]
    assert await found(city, {}) == whole
    tree = {
        "and": [
            {"column": "level", "eq": "school"},
            {"or": [{"column": "subject", "in": ["maths", "chinese"]}, {"not": {"column": "role", "ne": "total"}}]},
            {"column": "pass_rate", "between": [0.2, 0.8]},
        ]
    }
    expected = [
        row
        for row in whole
        if row["level"] == "school"
        and (row["subject"] in ("maths", "chinese") or row["role"] == "total")
        and row["pass_rate"]["value"] is not None
        and 0.2 <= row["pass_rate"]["value"] <= 0.8
    ]
    assert await found(city, {"filter": tree}) == expected
    assert 0 < len(expected) < len(whole)


async def test_sorted_cut_to_fields_and_by_page(city: Office) -> None:
    body: dict[str, Any] = {
        "filter": {"column": "level", "eq": "school"},
        "fields": ["school_code", "subject", "mean"],
        "sort": ["subject", "-mean"],
    }
    whole = await found(city, body)
    assert [*whole[0]] == body["fields"]
    order = [(row["subject"], row["mean"]["value"] is None, -(row["mean"]["value"] or 0)) for row in whole]
    assert order == sorted(order)
    pages, cursor = [], None
    while True:
        answer = (await ask(city, body | {"page_size": 7} | ({"cursor": cursor} if cursor else {}))).json()
        pages += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
        last = cursor
    assert pages == whole
    strange = await ask(city, body | {"sort": ["mean"], "cursor": last})
    assert (strange.status_code, strange.json()["code"]) == (400, "request.cursor_invalid")


async def test_a_withheld_figure_is_not_found_by_bisection(city: Office) -> None:
    here = {"column": "school_code", "eq": SMALL.code}
    for who in (CITY_ADMIN, PROVINCE, at_county(SMALL.county)):
        for figure in ("mean", "n_sat", "pass_rate", "mean_ci_low", "p50"):
            answers = []
            for threshold in range(0, 101, 20):
                above = {"column": figure, "gte": threshold}
                for tree in (
                    above,
                    {"not": above},
                    {"column": figure, "lte": threshold},
                    {"column": figure, "ne": threshold},
                ):
                    answers.append(await found(city, {"filter": {"and": [here, tree]}, "fields": ["subject"]}, who))
                    either = {"or": [{"and": [here, tree]}, {"and": [here, {"column": "level", "eq": "none"}]}]}
                    answers.append(await found(city, {"filter": either, "fields": ["subject"]}, who))
            assert answers == [[]] * len(answers)
        # Sorted by a withheld figure, its rows keep the order of their keys.
        rows = await found(city, {"filter": here, "sort": ["-mean"], "fields": ["level", "class_code", "subject"]}, who)
        assert rows == await found(city, {"filter": here, "fields": ["level", "class_code", "subject"]}, who)
    own = {"and": [here, {"column": "level", "eq": "school"}, {"column": "mean", "gte": 0}]}
    assert len(await found(city, {"filter": own}, at_school(SMALL))) > 0


async def test_a_school_finds_itself_and_no_other(city: Office) -> None:
    other = SCHOOLS["2199000001"]
    tree = {"or": [{"column": "school_code", "eq": other.code}, {"column": "level", "eq": "school"}]}
    for table in ("summary", "value-added-schools", "funnel", "comparison"):
        if table != "summary":
            tree = {"column": "school_code", "ne": "x"}
        rows = await found(city, {"filter": tree}, at_school(SCHOOLS["2199000005"]), table)
        assert {row["school_code"] for row in rows} == {"2199000005"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"filter": {"column": "nothing", "eq": 1}}, "/filter/column"),
        ({"filter": {"and": [{"column": "level", "eq": "city"}, {"column": "x", "eq": 1}]}}, "/filter/and/1/column"),
        ({"filter": {"column": "mean", "eq": "much"}}, "/filter/eq"),
        ({"filter": {"column": "level", "gte": 3}}, "/filter/gte"),
        ({"filter": {"column": "suppressed", "eq": 1}}, "/filter/eq"),
        ({"fields": ["mean", "mean_ci_low"]}, "/fields/1"),
        ({"sort": ["-nothing"]}, "/sort/0"),
    ],
)
async def test_unknown_columns_and_wrong_types_are_refused_with_what_is_allowed(
    city: Office, body: dict[str, Any], pointer: str
) -> None:
    refused = await ask(city, body)
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert fault["pointer"] == pointer
    assert fault["allowed"]


async def test_a_query_has_bounds(city: Office) -> None:
    deep: dict[str, Any] = {"column": "level", "eq": "city"}
    for _ in range(7):
        deep = {"not": deep}
    very_deep = deep
    for _ in range(300):
        very_deep = {"not": very_deep}
    condition = {"column": "level", "eq": "city"}
    for tree in (
        deep,
        very_deep,
        {"and": [{"or": [condition] * 30}, {"or": [condition] * 30}]},
        {"and": []},
        {},
        {"column": "level"},
        {"column": "level", "eq": "city", "ne": "county"},
        {"and": [condition], "or": [condition]},
        {"column": "level", "like": "c%"},
        {"column": "mean", "gte": float("1e309")},
        {"column": "level", "in": ["x"] * 1001},
    ):
        content = {"filter": tree}
        refused = await city.client.post(
            "/exams/exam/results/summary:query",
            content=json.dumps(content),
            headers=bearer(CITY_ADMIN) | {"Content-Type": "application/json"},
        )
        assert refused.status_code in (400, 422), tree
    assert (await ask(city, {"filter": None}, table="nothing")).status_code == 404
    assert (await ask(city, {"where": 1})).status_code == 422


@given(st.none() | st.floats(-2, 2), st.floats(-2, 2))
def test_what_is_missing_meets_neither_a_condition_nor_its_negation(value: float | None, threshold: float) -> None:

    row = pl.DataFrame({"mean": [value]}, schema={"mean": pl.Float64})
    condition = {"column": "mean", "gte": threshold}
    met = [
        row.filter(meaning(Filter.model_validate(tree))).height
        for tree in (
            condition,
            {"not": condition},
            {"or": [condition, {"not": condition}]},
            {"column": "mean", "eq": None},
        )
    ]
    assert met == ([0, 0, 0, 1] if value is None else [value >= threshold, value < threshold, 1, 0])
