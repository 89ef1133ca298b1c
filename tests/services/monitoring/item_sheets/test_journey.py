"""From the specification table to published item figures, all through HTTP; and what a corrected key changes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from services.monitoring.papers.rules import item_plan
from shared.scoring.items.analysis import analyze_items
from tests.services.monitoring.item_sheets.builders import item_rows, mark_rows, open_with_paper, send_items
from tests.services.monitoring.papers.builders import paper_content
from tests.services.monitoring.world import SCHOOLS, Row, World

pytestmark = pytest.mark.anyio


def as_sheet(school: str, rows: list[Row]) -> pl.DataFrame:
    """The rows as the core reads them."""
    return pl.DataFrame(
        {
            "candidate_id": [row["candidate_id"] for row in rows],
            "county_code": [SCHOOLS[school]] * len(rows),
            "school_code": [school] * len(rows),
            "class_code": [row["class_code"] for row in rows],
            "status": ["absent" if row["status"] else "present" for row in rows],
            **{code: [float(row[code]) if row[code] else None for row in rows] for code in "1234"},
            **{f"{code}__option": [row[f"{code}_option"] or None for row in rows] for code in "123"},
        }
    )


async def step(world: World, action: str, body: Any = None) -> None:
    answer = await world.client.post(f"/exams/mock:{action}", json=body, headers=world.as_city())
    if answer.status_code == 202:
        await world.run_job(answer)
    else:
        assert answer.status_code in (200, 201), answer.text


async def measures(world: World) -> dict[tuple[str, str], float | None]:
    url = "/exams/mock/results/item-measures"
    answer = await world.client.get(url, headers=world.as_city(), params={"page_size": 1000})
    assert answer.status_code == 200, answer.text
    return {(row["item"], row["measure"]): row["value"]["value"] for row in answer.json()["items"]}


async def test_items_go_from_the_paper_to_published_figures(world: World) -> None:
    await open_with_paper(world)
    sent = {school: item_rows(world, school) for school in SCHOOLS}
    for school, rows in sent.items():
        assert (await world.send(school, mark_rows(world, school, rows))).status_code == 201
        assert (await send_items(world, school, rows)).status_code == 201
    await world.check_and_confirm()
    assert (await world.seal()).status_code == 200
    await step(world, "analyze")
    await step(world, "publish", {})
    plan = item_plan("maths", paper_content(), min_n=10)
    expected = analyze_items([as_sheet(school, rows) for school, rows in sent.items()], plan).item_measures
    figures = {(row["item"], row["measure"]): row["value"] for row in expected.iter_rows(named=True)}
    assert await measures(world) == figures

    body = {"item": "2", "key": "C", "reason": "印刷错误，专家组复核"}
    corrected = await world.client.post("/exams/mock/papers/maths:correct-key", json=body, headers=world.as_city())
    assert corrected.status_code == 200, corrected.text
    assert await measures(world) == figures  # what is published stays until it is published anew
    state = (await world.client.get("/exams/mock", headers=world.as_city())).json()
    assert (state["state"], state["state_reason"]) == ("sealed", body["reason"])
    before = await versions(world)
    await step(world, "analyze")
    run = (await world.client.get("/exams/mock/analyses/2", headers=world.as_city())).json()
    assert run["state"] == "finished"
    await step(world, "publish", {})
    assert await measures(world) == figures  # marks were sent, and do not follow from the key
    assert (before, await versions(world)) == (["1.0.0"], ["1.1.0", "1.0.0"])
    flags = await world.client.get(
        "/exams/mock/results/option-flags", headers=world.as_city(), params={"item": "2", "page_size": 10}
    )
    assert [row["option"] for row in flags.json()["items"] if row["is_key"]] == ["C"]


async def versions(world: World) -> list[str]:
    found = await world.client.get("/exams/mock/results", headers=world.as_city())
    return [entry["version"] for entry in found.json()["versions"]]
