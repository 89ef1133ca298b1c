"""Steps 1 to 5 of a vendor's work: who and where. Sent again, the same rows change nothing."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from demo.errors import DemoError
from demo.gateway import Session
from demo.mapping import AREA_COUNT, RULES, Roster, roster
from demo.narration import Narration, Step

BATCH_ROWS = 500
Rows = Sequence[dict[str, Any]]


def education_areas(narration: Narration, vendor: Session) -> list[str]:
    """Codes of the ten education areas, in order, as the platform's roster has them.

    Raises:
        DemoError: there are not ten.
    """
    with narration.step("读取教育区", "Reading the education areas") as step:
        regions = vendor.read(f"{vendor.gateway.service('roster')}/regions")["items"]
        cities = {region["code"] for region in regions if region["level"] == "city" and not region.get("test")}
        areas = sorted(region["code"] for region in regions if region.get("parent") in cities)
        if len(areas) != AREA_COUNT:
            raise DemoError(
                f"应有 {AREA_COUNT} 个教育区，实有 {len(areas)} 个。",
                f"{AREA_COUNT} education areas were expected, there are {len(areas)}.",
            )
        step.came_to(f"{len(areas)} 个教育区", f"{len(areas)} education areas: {', '.join(areas)}")
    return areas


def map_pupils(narration: Narration, pupils: pl.DataFrame, areas: Sequence[str]) -> Roster:
    """The roster, and the rules it is made by."""
    with narration.step("按规则映射", "Mapping the pupils by these rules") as step:
        for zh, en in RULES:
            narration.line(f"    · {zh}")
            narration.line(f"      {en}")
        mapped = roster(pupils, areas)
        step.came_to(
            f"学校 {len(mapped.schools)}，班级 {len(mapped.classes)}，学生 {len(mapped.students)}",
            f"{len(mapped.schools)} schools, {len(mapped.classes)} classes, {len(mapped.students)} pupils",
        )
    return mapped


def send_roster(narration: Narration, vendor: Session, mapped: Roster) -> None:
    """Schools, classes, students and enrollments, in the order the discovery document asks for."""
    parts = (
        ("schools", "学校", mapped.schools),
        ("classes", "班级", mapped.classes),
        ("students", "学生", mapped.students),
    )
    for collection, zh, rows in parts:
        with narration.step(f"写入{zh}", f"Sending {collection} in batches of {BATCH_ROWS}") as step:
            _told(step, send_batches(vendor, collection, rows, step))
    with narration.step("导入在读名单（CSV 文件）", "Importing enrollments from a CSV file") as step:
        _told(step, import_file(vendor, "enrollments", mapped.enrollments, step))


def send_batches(vendor: Session, collection: str, rows: Rows, step: Step) -> Counter[str]:
    """Sends rows as JSON batches, each whole or not at all; returns rows by outcome."""
    url = f"{vendor.gateway.service('roster')}/{collection}:batch"
    counts: Counter[str] = Counter()
    done = 0
    for batch in _batches(rows):
        answer = vendor.request("POST", url, json={"items": batch})
        counts.update(answer.json()["counts"])
        done += len(batch)
        step.progress(done, len(rows), collection)
    return counts


def import_file(vendor: Session, collection: str, rows: Rows, step: Step) -> Counter[str]:
    """Sends rows as one CSV file; more than a thousand become a job, which is followed to its end."""
    base = vendor.gateway.service("roster")
    body = pl.DataFrame(rows).write_csv().encode()
    answer = vendor.request("POST", f"{base}/{collection}:import", content=body, headers={"Content-Type": "text/csv"})
    outcome = answer.json()
    if answer.status_code == 202:
        vendor.finished_job(answer, on_progress=step.progress)
        outcome = vendor.read(f"{base}/imports/{outcome['id']}")
        if outcome["state"] != "applied":
            raise DemoError(
                f"导入 {collection} 未被采纳：{outcome['state']}，错误 {outcome['error_count']} 处，"
                f"见 {outcome['errors_url']}。",
                f"The import of {collection} was not applied: {outcome['state']}, {outcome['error_count']} fault(s).",
            )
    return Counter(outcome["counts"])


def _batches(rows: Rows) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while batch := list(itertools.islice(remaining, BATCH_ROWS)):
        yield batch


def _told(step: Step, counts: Counter[str]) -> None:
    created, updated, unchanged = counts["created"], counts["updated"], counts["unchanged"]
    step.came_to(
        f"新增 {created}，更新 {updated}，未变 {unchanged}",
        f"{created} created, {updated} updated, {unchanged} unchanged",
    )
