"""Explanations: every step is arithmetic a reader can repeat, and the tree ends in the printed figure."""

from typing import Any

import httpx
import pytest

from shared.terms.actor import Actor
from tests.services.monitoring.office import Office
from tests.services.monitoring.results.city import CITY_ADMIN, MODEL, PROVINCE, SCHOOLS, SMALL, at_county, at_school

pytestmark = pytest.mark.anyio
OWN = SCHOOLS["2199000003"]


def of_school(school: Any, **more: str) -> dict[str, str]:
    return {"county_code": school.county, "school_code": school.code, **more}


async def ask(city: Office, table: str, who: Actor, figure: str, **keys: str) -> httpx.Response:
    return await city.get(f"/results/{table}/explanation", who, params={"figure": figure, **keys})


@pytest.mark.parametrize("subject", ["maths", "chinese", "total", "entry"])
async def test_every_figure_of_the_summary_is_explained_to_the_last_bit(city: Office, subject: str) -> None:
    keys = of_school(OWN, level="school", subject=subject)
    (row,) = (await city.get("/results/summary", at_school(OWN), params=keys)).json()["items"]
    refused = await ask(city, "summary", at_school(OWN), "nothing", **keys)
    assert (refused.status_code, refused.json()["code"]) == (404, "explanation.not_available")
    figures = refused.json()["detail"].split("可解释的：")[1].rstrip("。").split(", ")
    assert {name for name in row if name not in ("suppressed", "suppression", "role", *keys, "class_code")} <= set(
        figures
    )
    for figure in figures:
        answer = await ask(city, "summary", at_school(OWN), figure, **keys)
        assert answer.status_code == 200, (figure, answer.text)
        body = answer.json()
        assert body["explanation"]["value"] == body["value"], figure
        assert body["agrees"]
        printed = row.get(figure)
        if isinstance(printed, dict):
            assert printed["value"] == body["value"]


async def test_the_composite_index_is_the_sum_of_its_weighted_parts(city: Office) -> None:
    body = (await ask(city, "summary", PROVINCE, "composite_index", level="city", subject="total")).json()
    *weighted, divisor = body["explanation"]["parts"]
    assert 100 * sum(part["value"] for part in weighted) / divisor["value"] == body["value"]
    for part in weighted:
        weight, component = part["parts"]
        assert weight["value"] * component["value"] == part["value"]
    passed = next(part for part in weighted if part["name"] == "weighted_pass")["parts"][1]
    count, base = passed["parts"]
    assert count["value"] / base["value"] == passed["value"]
    assert count["parts"][2]["name"] == "threshold_units"
    assert body["explanation"]["section"] == "2.4"


async def test_value_added_follows_from_variances_and_the_mean_residual(city: Office) -> None:
    keys = of_school(OWN, model=MODEL)
    for figure in ("effect", "se", "ci_low", "ci_high", "reliability", "mean_residual"):
        body = (await ask(city, "value-added-schools", at_school(OWN), figure, **keys)).json()
        assert body["agrees"], (figure, body)
    body = (await ask(city, "value-added-schools", at_school(OWN), "effect", **keys)).json()
    reliability, residual = body["explanation"]["parts"]
    assert reliability["value"] * residual["value"] == pytest.approx(body["value"], rel=1e-12)
    assert {part["name"] for part in residual["parts"]} >= {"n", "entry"}


async def test_a_figure_names_the_sheets_it_follows_from_that_its_reader_may_know(city: Office) -> None:
    for who, keys, expected in (
        (CITY_ADMIN, {"level": "city"}, len(SCHOOLS)),
        (CITY_ADMIN, {"level": "county", "county_code": "990001"}, 4),
        (at_county("990001"), {"level": "city"}, 4),
        (at_school(OWN), {"level": "city"}, 1),
        (at_school(OWN), of_school(OWN, level="school"), 1),
    ):
        body = (await ask(city, "summary", who, "mean", subject="maths", **keys)).json()
        assert len(body["inputs"]["sheets"]) == expected
        assert body["inputs"]["inputs_sha256"]
    own = body["inputs"]["sheets"][0]
    assert (own["school_code"], own["rows"]) == (OWN.code, OWN.size)


async def test_what_is_withheld_is_not_explained(city: Office) -> None:
    keys = of_school(SMALL, level="school", subject="maths")
    for who in (CITY_ADMIN, PROVINCE, at_county(SMALL.county)):
        for figure in ("mean", "pass_rate", "composite_index", "n_sat", "n_registered", "p50"):
            refused = await ask(city, "summary", who, figure, **keys)
            assert refused.status_code in (403, 404)
            assert refused.json()["code"] in ("explanation.withheld", "explanation.not_available"), refused.text
    assert (await ask(city, "summary", at_school(SMALL), "mean", **keys)).status_code == 200
    assert (await ask(city, "summary", at_school(OWN), "mean", **keys)).status_code == 404
    unnamed = await ask(city, "summary", CITY_ADMIN, "mean", level="school", subject="maths")
    assert unnamed.status_code == 404
    other = await ask(city, "funnel", CITY_ADMIN, "value", metric="mean", subject="maths", **of_school(OWN))
    assert (other.status_code, other.json()["code"]) == (404, "explanation.not_available")
