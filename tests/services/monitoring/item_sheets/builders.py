"""Item sheets for the tests, and mark sheets that agree with them."""

from __future__ import annotations

import random
from typing import Any

import httpx

from tests.services.monitoring.papers.builders import paper_body
from tests.services.monitoring.world import Row, World, csv

SUBJECTS = [{"code": "maths", "name_zh": "数学", "name_en": "Mathematics", "full_mark": "20", "step": "0.5"}]
_CHOICES = {"1": "B", "2": "D"}


def item_rows(world: World, school: str, *, seed: int = 0) -> list[Row]:
    """Sound rows of a school's item sheet; the fourth candidate is absent."""
    chance = random.Random(f"items{school}{seed}")  # noqa: S311 - answers for a test
    rows: list[Row] = []
    for place, marks in enumerate(world.rows(school)):
        row: Row = {"candidate_id": marks["candidate_id"], "class_code": "c1", "status": ""}
        answers = {code: chance.choice("ABCD") for code in _CHOICES} | {"3": chance.choice(["A", "C", "AC", "AD", ""])}
        worth = {code: "3" if answers[code] == key else "0" for code, key in _CHOICES.items()}
        worth["3"] = {"A": "3", "C": "3", "AC": "6"}.get(answers["3"], "0")
        worth["4"] = str(chance.randint(0, 16) / 2)
        for code in "1234":
            row[code] = worth[code]
            if code in answers:
                row[f"{code}_option"] = answers[code]
        if place == 3:
            row = (
                dict.fromkeys(row, "")
                | {name: row[name] for name in ("candidate_id", "class_code")}
                | {"status": "缺考"}
            )
        rows.append(row)
    return rows


def without_marks_of_choices(rows: list[Row]) -> list[Row]:
    """The rows as sent where marks follow from options."""
    return [{name: value for name, value in row.items() if name not in ("1", "2", "3")} for row in rows]


def mark_rows(world: World, school: str, items: list[Row]) -> list[Row]:
    """The mark sheet that agrees with an item sheet."""
    rows = []
    for row, item in zip(world.rows(school), items, strict=True):
        total = "" if item["status"] else str(sum(float(item[code]) for code in "1234"))
        kept = {name: row[name] for name in ("candidate_id", "student_id", "class_code")}
        rows.append({**kept, "maths": total, "maths_status": item["status"]})
    return rows


async def open_with_paper(world: World, **changes: Any) -> None:
    """An exam whose collection is open, with its paper."""
    await world.open_exam(subjects=SUBJECTS, value_added_models=[], comparison_attributes=[])
    paper = await world.client.put("/exams/mock/papers/maths", json=paper_body(**changes), headers=world.as_city())
    assert paper.status_code == 201, paper.text


async def send_items(world: World, school: str, rows: list[Row], **options: Any) -> httpx.Response:
    """Sends one school's items as CSV."""
    headers = {**options.pop("headers", world.as_vendor()), "Content-Type": "text/csv"}
    url = f"/exams/mock/item-sheets/maths/{school}"
    return await world.client.put(url, content=csv(rows), headers=headers, **options)
