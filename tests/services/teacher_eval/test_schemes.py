"""Schemes of staff are kept here, those of others elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.city import CITY_ADMIN, World, code_of, county_admin, of_school
from tests.support.settings import bearer

pytestmark = pytest.mark.anyio

SCHEME = """\
scheme: {code}
name: {{zh: 小方案, en: Small scheme}}
of: {of}
in_force_from: 2026-09-01
document: 甲〔2026〕1号
verified: false
grades:
  - {{grade: A, name: {{zh: 优秀, en: Excellent}}, at_least: 90}}
  - {{grade: D, name: {{zh: 待改进, en: To be improved}}, at_least: 0}}
children:
  - code: A1
    name: {{zh: 教育教学, en: Teaching}}
    weight: 1
    children:
      - code: B1
        name: {{zh: 课堂教学, en: Lessons}}
        weight: 1
        rule: {{kind: linear, min: 0, max: 100}}
        source: {source}
        evaluators: [{evaluator}]
        methods: [documents]
        evaluation_kind: process
        missing: reweight
        exam_derived: false
"""


async def send(world: World, code: str, *, of: str = "staff", source: str = "inspection") -> Any:
    headers = bearer(CITY_ADMIN) | {"Content-Type": "application/yaml"}
    text = SCHEME.format(code=code, of=of, source=source, evaluator="school" if source == "inspection" else "platform")
    return await world.client.put(f"/schemes/{code}/draft", content=text.encode(), headers=headers)


async def test_a_scheme_of_staff_is_published_and_read_by_those_it_judges(world: World) -> None:
    sent = await send(world, "annual")
    assert sent.status_code == 201, sent.text
    made = await world.post("/schemes/annual:publish", {"reason": "首次发布本方案"}, match=sent)
    assert (made.status_code, made.json().get("number")) == (201, 1), made.text
    for who in (of_school(), county_admin()):
        assert (await world.get("/schemes/annual/versions/1", who)).json()["leaf_count"] == 1
    assert code_of(await world.post("/schemes/annual:publish", {"reason": "再次发布"}, of_school())) == "auth.forbidden"


async def test_the_built_in_scheme_is_adopted_and_judges_a_year(world: World) -> None:
    listed = (await world.get("/built-in-schemes")).json()["items"]
    assert [(entry["code"], entry["of"], entry["adopted_version"]) for entry in listed] == [
        ("teacher_annual", "staff", None)
    ]
    assert (await world.get("/built-in-schemes/teacher_annual/examples")).json()["agree"]
    adopted = await world.post("/built-in-schemes/teacher_annual:adopt", {"reason": "采用平台方案"})
    assert adopted.status_code == 201, adopted.text
    cycle = {
        "name": {"zh": "2026年度考核", "en": "Annual assessment 2026"},
        "school_year": "2026-2027",
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "as_of": "2026-11-01",
        "scheme": "teacher_annual",
        "scheme_version": 1,
    }
    registered = await world.put("/cycles/year-2026", cycle)
    assert registered.status_code == 201, registered.text
    assert registered.json()["scheme"] == {"code": "teacher_annual", "version": "1", "sha256": adopted.json()["sha256"]}


async def test_schemes_of_others_belong_to_other_services(world: World) -> None:
    answer = await send(world, "schools", of="school")
    assert code_of(answer) == "scheme.of_elsewhere"
    assert (await world.get("/built-in-schemes/compulsory_school/examples")).status_code == 404


async def test_a_source_that_nobody_fills_in_is_found(world: World) -> None:
    await send(world, "annual", source="{kind: records, key: honors.unheard_of}")
    found = (await world.get("/schemes/annual/draft/findings")).json()
    assert "scheme.source_unknown" in {each["code"] for each in found["items"]}, found
