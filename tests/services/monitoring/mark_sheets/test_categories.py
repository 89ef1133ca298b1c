"""Candidates by category, from the file to the city's comprehensive undergraduate rate: observation, never of a school."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.kernel.settings import ServiceSettings
from tests.services.monitoring import world as world_module
from tests.services.monitoring.conftest import with_roster
from tests.services.monitoring.world import SCHOOLS, Row, World, exam_body
from tests.support.client import running

pytestmark = pytest.mark.anyio
A = next(iter(SCHOOLS))
GENERAL = {"code": "general", "lines": [{"mark": "60"}]}
ARTS = {
    "code": "arts",
    "total_weight": "0.5",
    "professional_weight": "0.5",
    "professional_full_mark": "300",
    "lines": [{"mark": "100"}],
}
RATE: dict[str, Any] = {"categories": [GENERAL, ARTS], "default_category": "general"}
MOCK: dict[str, Any] = {"kind": "graduation_mock", "sample": None, "undergraduate": RATE}


@pytest.fixture
async def senior(monkeypatch: pytest.MonkeyPatch, monitoring_settings: ServiceSettings) -> AsyncIterator[World]:
    """The small city with its pupils in grade 12."""
    monkeypatch.setattr(world_module, "GRADE", 12)
    world = World(monitoring_settings)
    service = with_roster(world.roster)
    async with running(service, monitoring_settings) as (_, client):
        world.client = client
        async with world.working(service):
            yield world


def rows(world: World, school: str) -> list[Row]:
    """The school's sheet: every third pupil in the arts, one of them without a professional mark."""
    plain = world.rows(school)
    return [
        row
        | {"考生类别": ("艺术类", "", "general")[place % 3]}
        | {"专业成绩": ("" if place == 3 else f"{120 + 10 * place}.5") if place % 3 == 0 else ""}
        for place, row in enumerate(plain)
    ]


async def test_the_rate_of_the_city_follows_from_the_sheets(senior: World) -> None:
    await senior.open_exam(**MOCK)
    sent = {school: rows(senior, school) for school in SCHOOLS}
    for school, sheet in sent.items():
        answer = await senior.send(school, sheet)
        assert answer.status_code == 201, answer.text
    await senior.check_and_confirm()
    assert (await senior.seal(reason="全部核对无误")).status_code == 200
    for step, body in (("analyze", None), ("publish", {})):
        asked = await senior.client.post(f"/exams/mock:{step}", json=body, headers=senior.as_city())
        if step == "analyze":
            await senior.run_job(asked)
    page = await senior.client.get("/exams/mock/results/undergraduate-rates", headers=senior.as_city())
    assert page.status_code == 200, page.text
    found = {row["category"]: row for row in page.json()["items"]}
    everybody = [row for sheet in sent.values() for row in sheet]
    arts = [row for row in everybody if row["考生类别"] == "艺术类"]
    general = [row for row in everybody if row["考生类别"] != "艺术类"]
    sat = [row for row in arts if row["专业成绩"]]
    online = {
        "general": sum(float(row["maths"]) >= 60 for row in general),
        "arts": sum(0.5 * float(row["maths"]) + 0.5 * float(row["专业成绩"]) >= 100 for row in sat),
    }
    assert {name: row["n_online"] for name, row in found.items()} == online | {"all": sum(online.values())}
    assert (found["arts"]["n_registered"], found["arts"]["n_sat"]) == (len(arts), len(sat)) == (24, 18)
    assert found["all"]["rate_registered"]["value"] == sum(online.values()) / len(everybody)
    assert found["arts"]["definition"] == "arts/all/undergraduate>=100"
    assert {row["definition_verified"] for row in found.values()} == {False}
    assert {row["level"] for row in found.values()} == {"city"}
    school = await senior.client.get("/exams/mock/results/undergraduate-rates", headers=senior.as_school(A))
    assert (school.status_code, school.json().get("items", [])) == (200, [])


FAULTY = [
    ("考生类别", "民族类", "cell.not_allowed"),
    ("专业成绩", "301", "mark.above_full_mark"),
    ("专业成绩", "-1", "mark.below_zero"),
    ("专业成绩", "100.005", "cell.too_many_decimals"),
]


async def test_what_a_sheet_may_not_hold_is_told_by_the_cell(senior: World) -> None:
    await senior.open_exam(**MOCK)
    for column, value, code in FAULTY:
        sheet = rows(senior, A)
        sheet[0] |= {column: value}
        answer = await senior.send(A, sheet)
        assert answer.status_code == 422, answer.text
        faults = answer.json()["errors"]
        assert [fault["row"] for fault in faults] == [2], faults
        assert {fault["code"] for fault in faults} == {code}, (column, value, faults)
    template = await senior.client.get(f"/exams/mock/mark-sheets/{A}:template?format=csv", headers=senior.as_school(A))
    assert template.status_code == 200, template.text
    assert "考生类别,专业成绩" in template.content.decode("utf-8-sig")


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"undergraduate": {"categories": [GENERAL, GENERAL]}}, "scoring.plan_duplicate"),
    ({"undergraduate": {"categories": [GENERAL | {"lines": [{"track": "physics", "mark": "1"}]}]}}, "exam.category_lines"),
    ({"undergraduate": {"categories": [GENERAL | {"lines": [{"mark": "101"}]}]}}, "scoring.line_out_of_range"),
    ({"undergraduate": RATE | {"default_category": "sports"}}, "field.not_allowed"),
    ({"undergraduate": {"categories": [GENERAL | {"code": "fashion"}]}}, "exam.category_without_name"),
    ({"undergraduate": {"categories": [ARTS | {"professional_full_mark": None}]}}, "exam.category_professional_mark"),
    ({"undergraduate": {"categories": [GENERAL | {"code": "all", "name_zh": "a", "name_en": "a"}]}},
     "scoring.plan_reserved_name"),
    ({"undergraduate": RATE, "grade_level": 9}, "exam.undergraduate_grade"),
    ({"kind": "academic_proficiency"}, "exam.lines_not_allowed"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code"), REFUSED)
async def test_a_definition_that_leaves_somebody_uncounted_is_refused(
    senior: World, change: dict[str, Any], code: str
) -> None:
    body = exam_body(**{**MOCK, **change})
    answer = await senior.client.put("/exams/wrong", json=body, headers=senior.as_city())
    assert answer.status_code == 422, answer.text
    assert code in {answer.json()["code"], *(fault["code"] for fault in answer.json().get("errors", []))}, answer.text
