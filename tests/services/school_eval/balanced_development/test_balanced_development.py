"""Seven resource indicators of schools, and how far the schools of a county differ, from the year's statistics."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import AsyncIterator
from decimal import Decimal

import polars as pl
import pytest

from services.school_eval.balanced_development.rules import schools_table, stage_judged
from services.school_eval.statistics.catalog import catalog
from shared.kernel.settings import ServiceSettings
from shared.policy.balanced_development import balance_standards_on
from tests.services.school_eval.campaigns.city import CAMPAIGN, Round, campaign_body, roster, with_roster, working
from tests.support.city import COUNTY, SCHOOL, SCHOOLS, code_of, county_admin, of_school
from tests.support.client import running

pytestmark = pytest.mark.anyio
PATH = f"/campaigns/{CAMPAIGN}/balanced-development"
OWN = [code for code in SCHOOLS if SCHOOLS[code] == COUNTY]
#: A primary school of 1,000 pupils that just reaches every standard.
JUST = {
    "student_count": "1000",
    "teacher_count": "100",
    "higher_qualified_teacher_count": "42",
    "backbone_teacher_count": "10",
    "sport_art_teacher_count": "9",
    "teaching_area": "4500",
    "sport_area": "7500",
    "equipment_value": "2000000",
    "multimedia_room_count": "23",
}


@pytest.fixture
async def city(school_eval_settings: ServiceSettings) -> AsyncIterator[Round]:
    service = with_roster(roster())
    async with running(service, school_eval_settings) as (_, client), working(service, school_eval_settings):
        yield Round(client, school_eval_settings)


async def counted(city: Round, school: str, **changes: str) -> None:
    path = f"/statistics/2026-2027/{SCHOOLS[school]}-{school}"
    answer = await city.put(path, {"figures": JUST | changes}, of_school(school=school))
    assert answer.status_code == 201, answer.text


async def test_schools_and_counties_are_held_against_the_standards(city: Round) -> None:
    await city.open_campaign()
    first, second, third = OWN
    await counted(city, first)
    await counted(city, second, sport_area="6375", equipment_value="6000000")  # 85 % of 7.5 m²
    await counted(city, third, sport_area="6374", student_count="1000")
    page = (await city.get(f"{PATH}/schools", county_admin())).json()
    verdicts = {row["school_code"]: (row["met_count"], row["is_met"]) for row in page["items"]}
    assert verdicts == {first: (7, True), second: (6, True), third: (6, False)}
    unmet = (await city.get(f"{PATH}/schools?unmet=true", county_admin())).json()["items"]
    assert [row["school_code"] for row in unmet] == [third]
    assert unmet[0]["lowest_ratio"] == pytest.approx(6374 / 7500)

    answer = (await city.get(PATH, county_admin())).json()
    (county,) = answer["items"]
    assert (county["county_code"], county["stage"], county["school_count"]) == (COUNTY, "primary", 3)
    assert (county["met_school_count"], county["within_count"], county["is_met"]) == (2, 6, False)
    equipment = next(row for row in county["variation"] if row["indicator"] == "equipment_value_per_student")
    mean = (2000 + 6000 + 2000) / 3
    sd = math.sqrt(((6000 - mean) ** 2 + 2 * (2000 - mean) ** 2) / 3)
    assert (equipment["mean"], equipment["sd"]) == pytest.approx((mean, sd))
    assert (equipment["coefficient_of_variation"], equipment["is_within"]) == (pytest.approx(sd / mean), False)
    assert [row["variation_limit"] for row in answer["standards"]] == ["0.50", "0.45"]
    assert not answer["standards"][0]["verified"]


async def test_missing_figures_are_told_and_decide_nothing(city: Round) -> None:
    await city.open_campaign()
    first, second, _ = OWN
    await counted(city, first)
    path = f"/statistics/2026-2027/{COUNTY}-{second}"
    without = {code: value for code, value in JUST.items() if code != "multimedia_room_count"}
    await city.put(path, {"figures": without}, of_school(school=second))
    answer = (await city.get(PATH)).json()
    assert answer["left_out_count"] == 4  # the third of this county, and the other county's
    (county,) = answer["items"]
    assert (county["met_school_count"], county["unknown_school_count"], county["is_met"]) == (1, 1, None)
    rooms = next(row for row in county["variation"] if row["indicator"] == "multimedia_rooms_per_hundred")
    assert (rooms["school_count"], rooms["covered_rate"]) == (1, 0.5)


async def test_a_school_sees_its_own_indicators_and_no_county(city: Round) -> None:
    await city.open_campaign()
    for school in OWN:
        await counted(city, school)
    items = (await city.get(f"{PATH}/schools", of_school())).json()["items"]
    assert [row["school_code"] for row in items] == [SCHOOL]
    assert len(items[0]["indicators"]) == 7
    assert code_of(await city.get(PATH, of_school())) == "auth.forbidden"
    others = (await city.get(f"{PATH}/schools", county_admin("990001" if COUNTY == "990002" else "990002"))).json()
    assert others["items"] == []


async def test_pages_follow_one_another(city: Round) -> None:
    await city.open_campaign()
    for school in OWN:
        await counted(city, school)
    found, cursor = [], ""
    while True:
        page = (await city.get(f"{PATH}/schools?page_size=2{cursor}")).json()
        found += [row["school_code"] for row in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == sorted(OWN)


async def test_before_schools_are_frozen_there_is_nothing(city: Round) -> None:
    await city.publish_scheme()
    await city.put(f"/campaigns/{CAMPAIGN}", campaign_body())
    assert code_of(await city.get(PATH)) == "resource.not_found"


@pytest.mark.parametrize(
    ("stages", "stage"),
    [
        (["primary"], "primary"),
        (["junior_secondary"], "junior_secondary"),
        (["primary", "junior_secondary"], "junior_secondary"),
        (["junior_secondary", "senior_secondary"], None),
        ([], None),
    ],
)
def test_the_stage_a_school_is_held_against(stages: list[str], stage: str | None) -> None:
    assert stage_judged(stages) == stage


def test_every_indicator_is_a_statistic() -> None:
    standards = balance_standards_on(dt.date(2026, 11, 1)).values()
    assert {code for standard in standards for code in standard.indicators} <= catalog().derived.keys()


def test_schools_without_pupils_are_left_out() -> None:
    units = pl.DataFrame(
        {"unit_code": ["s1", "s2"], "county_code": ["k", "k"], "stages": [["primary"], ["primary"]]},
        schema_overrides={"stages": pl.List(pl.String)},
    )
    table, left_out = schools_table(units, {"s1": {"student_count": Decimal(0)}}, ["books_per_student"], catalog())
    assert (table.height, left_out) == (0, ["s1", "s2"])
