"""Targets with trajectory and forecast; what the law keeps the city to itself."""

from typing import Any

import pytest

from tests.support.city import CITY_ADMIN, COUNTY, World, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
PLAN = "/action-plans/bijie_2023_2028"
TARGET = {
    "name": {"zh": "优质义务教育学校数量", "en": "Quality compulsory schools"},
    "unit": {"zh": "所", "en": "schools"},
    "base_year": 2023,
    "goal_year": 2028,
    "goal_value": "500",
    "document": "行动计划",
    "verified": False,
}
RATE = TARGET | {
    "name": {"zh": "全市本科综合上线率", "en": "Comprehensive undergraduate rate"},
    "goal_value": None,
    "annual_gain": "2",
    "is_observed_only": True,
}


@pytest.fixture
async def planned(world: World) -> World:
    await world.post(f"{PLAN}:adopt")
    return world


async def observe(world: World, code: str, year: int, value: str, **more: Any) -> Any:
    body = {"value": value, "source": "年度统计公报", **more.pop("body", {})}
    return await world.put(f"{PLAN}/targets/{code}/observations/9900/{year}", body, **more)


async def test_a_target_tells_path_trend_and_outlook(planned: World) -> None:
    assert (await planned.put(f"{PLAN}/targets/schools", TARGET)).status_code == 201
    for year, value in ((2023, "60"), (2024, "148"), (2025, "236")):
        assert (await observe(planned, "schools", year, value)).status_code == 200
    shown = (await planned.get(f"{PLAN}/targets/schools")).json()
    assert [point["value"] for point in shown["path"]] == pytest.approx([60 + 88 * n for n in range(6)])
    assert shown["ahead_by"] == pytest.approx(0)
    assert shown["needed_per_year"] == pytest.approx((500 - 236) / 3)
    assert [(row["year"], pytest.approx(row["value"])) for row in shown["expected"]] == [
        (2025 + n, 236 + 88 * n) for n in (1, 2, 3)
    ]


async def test_a_gain_a_year_starts_at_the_observed_base(planned: World) -> None:
    await planned.put(f"{PLAN}/targets/rate", RATE)
    assert (await planned.get(f"{PLAN}/targets/rate")).json()["path"] == []
    await observe(planned, "rate", 2023, "41.5")
    shown = (await planned.get(f"{PLAN}/targets/rate")).json()
    assert shown["path"][-1] == {"year": 2028, "value": 41.5 + 2 * 5}
    assert shown["outlook"] == "unknown"


@pytest.mark.parametrize("name", ["本科上线率", "中考平均分", "重点高中录取率", "Gaokao results"])
async def test_admission_rates_are_no_targets(planned: World, name: str) -> None:
    body = TARGET | {"name": {"zh": name, "en": name}}
    assert code_of(await planned.put(f"{PLAN}/targets/rate", body)) == "target.admission_rate"


async def test_an_observed_rate_has_no_figure_of_a_county(planned: World) -> None:
    await planned.put(f"{PLAN}/targets/rate", RATE)
    body = {"value": "40", "source": "年度统计公报"}
    for who in (CITY_ADMIN, county_admin()):
        answer = await planned.put(f"{PLAN}/targets/rate/observations/{COUNTY}/2024", body, who)
        assert code_of(answer) == "target.city_only"
    assert (await planned.get(f"{PLAN}/targets/rate", county_admin())).json()["observed"] == []


async def test_a_correction_gives_its_reason_and_keeps_the_old_figure(planned: World) -> None:
    await planned.put(f"{PLAN}/targets/schools", TARGET)
    await observe(planned, "schools", 2024, "100")
    assert code_of(await observe(planned, "schools", 2024, "101")) == "target.reason_missing"
    corrected = await observe(planned, "schools", 2024, "101", body={"reason": "漏计一所新认定学校"})
    assert corrected.json()["value"] == "101"
    history = (await planned.get(f"{PLAN}/targets/schools/observations/9900")).json()["items"]
    assert [(row["value"], row["superseded_at"] is None) for row in history] == [("100", False), ("101", True)]


async def test_a_target_counts_what_the_register_recognizes(planned: World) -> None:
    await planned.put(f"{PLAN}/targets/schools", TARGET | {"counts": "quality_compulsory"})
    assert code_of(await observe(planned, "schools", 2024, "100")) == "target.counted"
    observed = (await planned.get(f"{PLAN}/targets/schools")).json()["observed"]
    assert {point["value"] for point in observed} == {0}


async def test_targets_are_the_offices_to_read(planned: World) -> None:
    await planned.put(f"{PLAN}/targets/schools", TARGET)
    assert code_of(await planned.get(f"{PLAN}/targets", of_school())) == "auth.forbidden"
    assert code_of(await planned.put(f"{PLAN}/targets/x", TARGET, county_admin())) == "auth.forbidden"
    assert [row["code"] for row in (await planned.get(f"{PLAN}/targets", county_admin())).json()["items"]] == [
        "schools"
    ]


@pytest.mark.parametrize(
    "change", [{"goal_value": None}, {"annual_gain": "1"}, {"goal_year": 2023}, {"goal_value": "NaN"}, {"extra": 1}]
)
async def test_half_a_goal_is_refused(planned: World, change: dict[str, Any]) -> None:
    answer = await planned.put(f"{PLAN}/targets/x", TARGET | change)
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")
