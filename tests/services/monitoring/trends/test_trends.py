"""Figures over exams on a scale that papers of different difficulty share."""

from collections.abc import AsyncIterator
from typing import Any

import polars as pl
import pytest

from services.monitoring.trends.rules import Place, change, trend_point
from shared.kernel.settings import ServiceSettings
from shared.terms.actor import Actor
from tests.services.monitoring.factories import make_exam
from tests.services.monitoring.office import CITY_ADMIN, Office, open_office, worker
from tests.services.monitoring.results.city import SCHOOLS, at_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio
OWN, OTHER, SMALL = SCHOOLS["2199000005"], SCHOOLS["2199000006"], SCHOOLS["2199000004"]


def summary(mean: float, city_mean: float, city_sd: float) -> pl.DataFrame:
    figures = {"n_sat": 40, "sd": 9.0, "score_rate": 0.6, "participation_rate": 1.0, "composite_index": 50.0}
    row = {"subject": "math", "suppressed": False, "se_mean": 2.0, "class_code": None, **figures}
    own = {"level": "school", "county_code": "k", "school_code": "s", "mean": mean}
    whole = {"level": "city", "county_code": None, "school_code": None, "mean": city_mean}
    return pl.DataFrame([row | own, row | whole | {"sd": city_sd}], schema_overrides={"class_code": pl.String})


def test_a_point_is_the_place_relative_to_the_city() -> None:
    point = trend_point(summary(66, 60, 12), Place(school_code="s"), subject="math")
    assert point is not None
    assert (point["standardized_difference"], point["standardized_difference_se"]) == ((66 - 60) / 12, 2 / 12)
    assert trend_point(summary(66, 60, 12), Place(school_code="x"), subject="math") is None
    assert trend_point(summary(66, 60, 12), Place(school_code="s"), subject="art") is None
    flat = trend_point(summary(66, 60, 0), Place(school_code="s"), subject="math")
    assert flat is not None
    assert flat["standardized_difference"] is None


def test_a_harder_paper_is_no_decline() -> None:
    easy = trend_point(summary(90, 84, 12), Place(school_code="s"), subject="math")
    hard = trend_point(summary(50, 44, 12), Place(school_code="s"), subject="math")
    assert easy is not None
    assert hard is not None
    found = change([easy, hard])
    assert found is not None
    assert found["value"] == 0
    assert found["se"] == pytest.approx((2 * (2 / 12) ** 2) ** 0.5)
    assert change([easy]) is None


@pytest.fixture
async def years(monitoring_settings: ServiceSettings) -> AsyncIterator[Office]:
    async with open_office(monitoring_settings) as office:
        for code, year, day in (("a", "2025-2026", "2025-11-20"), ("exam", "2026-2027", "2026-11-20")):
            await make_exam(office.kernel, SCHOOLS, code=code, school_year=year, held_on=day)
            asked = await office.post("analyze", exam=code)
            async with worker(office.kernel.settings):
                await office.finished(asked.headers["location"])
            assert (await office.post("publish", {}, exam=code)).status_code == 201
        await make_exam(office.kernel, SCHOOLS, code="unpublished", school_year="2027-2028")
        yield office


async def trend(office: Office, who: Actor, **asked: Any) -> dict[str, Any]:
    answer = await office.client.get("/trends", headers=bearer(who), params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_published_exams_oldest_first_as_the_caller_sees_them(years: Office) -> None:
    own = await trend(years, at_school(OWN), subject="maths", school_code=OWN.code)
    assert [point["exam"] for point in own["items"]] == ["a", "exam"]
    assert own["change"]["value"] == 0
    row = (await years.get(f"/results/summary?level=school&school_code={OWN.code}&subject=maths")).json()["items"][0]
    assert own["items"][1]["mean"] == row["mean"]["value"]
    assert (await trend(years, at_school(OWN), subject="maths", school_code=OTHER.code))["items"] == []
    small = await trend(years, CITY_ADMIN, subject="maths", school_code=SMALL.code)
    assert [(point["mean"], point["suppressed"]) for point in small["items"]] == [(None, True)] * 2
    city = await trend(years, CITY_ADMIN, subject="total", grade_level=6)
    assert [point["standardized_difference"] for point in city["items"]] == [0, 0]
    assert (await trend(years, CITY_ADMIN, subject="total", grade_level=7))["items"] == []
    refused = await years.client.get("/trends", headers=bearer(CITY_ADMIN), params={"subject": "x", "class_code": "c1"})
    assert refused.json()["code"] == "results.school_needed"
