"""Item sheets over HTTP: whole or not at all, with a receipt, held against the mark sheets whichever came first."""

from __future__ import annotations

from typing import Any

import pytest

from shared.kernel.receipt import receipt_holds
from tests.services.monitoring.item_sheets.builders import (
    item_rows,
    mark_rows,
    open_with_paper,
    send_items,
    without_marks_of_choices,
)
from tests.services.monitoring.world import SCHOOLS, World, csv

pytestmark = pytest.mark.anyio
A, B = list(SCHOOLS)[:2]


async def sheets(world: World, headers: dict[str, str] | None = None) -> dict[str, Any]:
    answer = await world.client.get("/exams/mock/item-sheets", headers=headers or world.as_city())
    return {item["school_code"]: item["agrees_with"] for item in answer.json()["items"]}


async def open_differences(world: World) -> dict[str, dict[str, Any]]:
    answer = await world.client.get("/exams/mock/item-sheets:differences", headers=world.as_city())
    assert answer.status_code == 200, answer.text
    return {item["school_code"]: item for item in answer.json()["items"]}


async def test_a_sound_sheet_is_taken_with_a_signed_receipt(world: World) -> None:
    await open_with_paper(world)
    rows = item_rows(world, A)
    taken = await send_items(world, A, rows)
    assert taken.status_code == 201, taken.text
    receipt = taken.json()["receipt"]
    assert receipt_holds(receipt, world.settings.key("receipt_key"))
    assert (receipt["outcome"], receipt["rows"], receipt["subject"]) == ("accepted", 12, "maths")
    again = await send_items(world, A, rows)
    assert (again.status_code, again.json()["items"][0]["outcome"]) == (200, "unchanged")
    replaced = await send_items(world, A, item_rows(world, A, seed=1))
    assert replaced.json()["items"][0]["outcome"] == "replaced"
    one = await world.client.get(f"/exams/mock/item-sheets/maths/{A}", headers=world.as_school(A))
    assert (one.json()["row_count"], one.json()["agrees_with"]) == (12, None)


async def test_of_a_faulty_sheet_nothing_is_stored_and_every_fault_is_told(world: World) -> None:
    await open_with_paper(world)
    rows = item_rows(world, A)
    await world.send(A, mark_rows(world, A, rows))
    good = await send_items(world, A, rows)
    assert good.status_code == 201, good.text
    rows = [*rows[:-1], rows[0]]
    rows[1] = rows[1] | {"4": "8" if rows[1]["4"] != "8" else "7"}
    rows[2] = rows[2] | {"1_option": "E"}
    refused = await send_items(world, A, rows)
    assert (refused.status_code, refused.json()["code"]) == (422, "item_sheet.faulty")
    told = [(fault["row"], fault.get("column"), fault["code"]) for fault in refused.json()["errors"]]
    assert told == [
        (2, "candidate_id", "item_sheet.candidate_missing"),
        (3, None, "item_sheet.sum_differs"),
        (4, "1_option", "item_sheet.option_unknown"),
        (13, "candidate_id", "row.duplicate"),
    ]
    errors = await world.follow(refused.json()["errors_url"], world.as_vendor())
    assert len(errors.text.strip().splitlines()) == 5
    assert list((await sheets(world)).values()) != [None]


async def test_items_before_marks_are_compared_when_the_marks_come(world: World) -> None:
    await open_with_paper(world)
    first, second = item_rows(world, A), item_rows(world, B)
    for school, rows in ((A, first), (B, second)):
        assert (await send_items(world, school, rows)).status_code == 201
    assert await open_differences(world) == {}
    marks = mark_rows(world, B, second)
    marks[0]["maths"] = "20" if marks[0]["maths"] != "20" else "19"
    for school, rows in ((A, mark_rows(world, A, first)), (B, marks)):
        assert (await world.send(school, rows)).status_code == 201
    agreed = await sheets(world)
    assert agreed[A] is not None
    assert agreed[B] is None
    found = await open_differences(world)
    assert {school: (entry["sum_differs"], entry["is_missing"]) for school, entry in found.items()} == {B: (1, False)}
    assert (await world.send(B, mark_rows(world, B, second))).status_code == 200
    assert await open_differences(world) == {}


async def test_a_school_that_sent_marks_but_no_items_is_named(world: World) -> None:
    await open_with_paper(world)
    await world.send(A, mark_rows(world, A, item_rows(world, A)))
    assert [(school, entry["is_missing"]) for school, entry in (await open_differences(world)).items()] == [(A, True)]
    none = await world.client.get("/exams/mock/item-sheets:differences", headers=world.as_school(B))
    assert none.json()["items"] == []


async def test_marks_may_follow_from_options_and_a_corrected_key(world: World) -> None:
    await open_with_paper(world, marks_from_options=True)
    rows = item_rows(world, A)
    await world.send(A, mark_rows(world, A, rows))
    sent = await send_items(world, A, without_marks_of_choices(rows))
    assert sent.status_code == 201, sent.text
    affected = sum(row["2_option"] in ("D", "C") for row in rows)
    body = {"item": "2", "key": "C", "reason": "印刷错误，专家组复核"}
    corrected = await world.client.post("/exams/mock/papers/maths:correct-key", json=body, headers=world.as_city())
    assert corrected.status_code == 200
    assert (await open_differences(world))[A]["sum_differs"] == affected > 0
    for row in rows:
        row["2"] = "3" if row["2_option"] == "C" else row["2"] and "0"
    assert (await world.send(A, mark_rows(world, A, rows))).status_code == 200
    assert await open_differences(world) == {}


async def test_a_paper_with_items_received_is_changed_only_after_their_withdrawal(world: World) -> None:
    await open_with_paper(world)
    await send_items(world, A, item_rows(world, A))
    paper = (await world.client.get("/exams/mock/papers/maths", headers=world.as_city())).json()
    body = {"marks_from_options": True, "items": paper["items"]}
    refused = await world.client.put("/exams/mock/papers/maths", json=body, headers=world.as_city())
    assert (refused.status_code, refused.json()["code"]) == (409, "paper.has_item_sheets")
    assert "withdraw" in refused.json()["remedy"]
    withdrawal = "/exams/mock/item-sheets/maths:withdraw"
    reason = {"reason": "双向细目表有误"}
    assert (await world.client.post(withdrawal, json=reason, headers=world.as_school(A))).status_code == 403
    withdrawn = await world.client.post(withdrawal, json=reason, headers=world.as_city())
    assert withdrawn.json() == {"subject": "maths", "schools": 1}
    assert await sheets(world) == {}
    assert (await world.client.put("/exams/mock/papers/maths", json=body, headers=world.as_city())).status_code == 200


async def test_many_schools_at_once_and_as_a_job(world: World) -> None:
    await open_with_paper(world)
    rows = [{"school_code": school} | row for school in SCHOOLS for row in item_rows(world, school)]
    rows[-1]["4"] = "9"
    headers = {**world.as_vendor(), "Content-Type": "text/csv"}
    batch = "/exams/mock/item-sheets/maths:batch"
    small = await world.client.post(batch, content=csv(rows), headers=headers)
    assert small.status_code == 207, small.text
    assert [item["status"] for item in small.json()["items"]] == [201] * 5 + [422]
    rows[-1]["4"] = "8"
    accepted = await world.client.post(batch, content=csv(rows) + b"\n" * 1_200, headers=headers)
    job = await world.run_job(accepted)
    assert (job["result"]["outcome"], job["result"]["rows"], len(await sheets(world))) == ("accepted", 72, 6)


async def test_a_school_sends_and_sees_only_its_own(world: World) -> None:
    await open_with_paper(world)
    own, other = world.as_school(A), item_rows(world, B)
    assert (await send_items(world, A, item_rows(world, A), headers=own)).status_code == 201
    assert (await send_items(world, B, other, headers=own)).status_code == 404
    assert (await send_items(world, B, other)).status_code == 201
    assert list(await sheets(world, own)) == [A]
    assert (await world.client.get(f"/exams/mock/item-sheets/maths/{B}", headers=own)).status_code == 404


async def test_items_need_a_paper_and_an_open_collection(world: World) -> None:
    await world.open_exam()
    early = await send_items(world, A, item_rows(world, A))
    assert (early.status_code, early.json()["code"]) == (409, "item_sheet.no_paper")
    url = f"/exams/mock/item-sheets/art/{A}"
    headers = {**world.as_vendor(), "Content-Type": "text/csv"}
    assert (await world.client.put(url, content=b"candidate_id\n", headers=headers)).status_code == 404


async def test_a_template_is_filled_in_with_the_schools_candidates_and_sent_back(world: World) -> None:
    await open_with_paper(world)
    rows = item_rows(world, A)
    await world.send(A, mark_rows(world, A, rows))
    url, own = "/exams/mock/item-sheets/maths:template", world.as_school(A)
    blank = await world.client.get(url, headers=own, params={"format": "csv"})
    assert blank.text.strip("\ufeff\n").split(",")[:4] == ["考号", "班级代码", "学校代码", "状态"]
    filled = await world.client.get(url, headers=own, params={"format": "csv", "school_code": A})
    lines = filled.text.strip("\ufeff\n").splitlines()
    assert lines[4] == f"{rows[3]['candidate_id']},c1,absent" + "," * 7
    assert len(lines) == 13
    book = await world.client.get(url, headers=own, params={"school_code": A})
    assert book.headers["content-disposition"] == 'attachment; filename="items-maths.xlsx"'
    assert (await world.client.get(url, headers=own, params={"school_code": B})).status_code == 404


async def test_an_exam_is_sealed_when_items_and_marks_agree_or_for_a_reason(world: World) -> None:
    await open_with_paper(world)
    rows = {school: item_rows(world, school) for school in SCHOOLS}
    for school in SCHOOLS:
        await world.send(school, mark_rows(world, school, rows[school]))
    for school in list(SCHOOLS)[1:]:
        await send_items(world, school, rows[school])
    await world.check_and_confirm()
    found = (await world.client.get("/exams/mock/reconciliation", headers=world.as_city())).json()
    assert (found["reconciled"], found["item_sheets_missing"], found["item_sheets_differing"]) == (False, 1, 0)
    refused = await world.seal()
    assert (refused.status_code, refused.json()["code"]) == (409, "exam.items_unreconciled")
    assert [(fault["source_id"], fault["code"]) for fault in refused.json()["errors"]] == [(A, "item_sheet.not_sent")]
    assert (await world.seal(reason="该校阅卷系统故障，已报备")).status_code == 200
