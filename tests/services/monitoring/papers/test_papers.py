"""Papers over HTTP: registering, the specification table, secrecy, correcting a key."""

from __future__ import annotations

import io
from typing import Any

import fastexcel
import httpx
import pytest

from tests.services.monitoring.papers.builders import paper_body
from tests.services.monitoring.world import COUNTIES, SCHOOLS, World
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
A = next(iter(SCHOOLS))
PAPER = "/exams/mock/papers/maths"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUBJECTS = [{"code": "maths", "name_zh": "数学", "name_en": "Mathematics", "full_mark": "20", "step": "0.5"}]
HEADER = "题号,题目类型,满分,给分步长,选项,答案,部分给分,知识点,核心素养\n"
TABLE = (
    HEADER
    + "1,单选题,3,1,ABCD,B,,函数,运算能力\n"
    + "2,单选题,3,1,ABCD,D,,几何,推理能力\n"
    + "3,多选题,6,1,ABCD,AC,按比例,函数；几何,\n"
    + "4,非选择题,8,,,,,统计,\n"
)


async def exam(world: World, **changes: Any) -> None:
    plain = {"subjects": SUBJECTS, "value_added_models": [], "comparison_attributes": []}
    assert (await world.put_exam(**plain, **changes)).status_code == 201


async def put(world: World, body: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    return await world.client.put(PAPER, json=body, headers=headers or world.as_city())


async def send_table(world: World, content: bytes, media_type: str = "text/csv", **options: Any) -> httpx.Response:
    headers = {**world.as_city(), "Content-Type": media_type}
    return await world.client.put(f"{PAPER}:specification", content=content, headers=headers, **options)


def codes(answer: httpx.Response) -> list[tuple[Any, ...]]:
    return [
        (fault.get("row"), fault.get("column") or fault.get("pointer"), fault["code"])
        for fault in answer.json()["errors"]
    ]


async def test_a_paper_is_registered_changed_and_read(world: World) -> None:
    await exam(world)
    created = await put(world, paper_body())
    assert (created.status_code, created.json()["version"]) == (201, 1), created.text
    assert [item["step"] for item in created.json()["items"]] == ["1", "1", "1", "0.5"]
    again = await put(world, paper_body())
    assert (again.status_code, again.json()["version"]) == (200, 1)
    changed = await put(world, paper_body(marks_from_options=True))
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    read = await world.client.get(PAPER, headers=world.as_city())
    assert (read.json(), read.headers["etag"]) == (changed.json(), '"2"')
    listed = (await world.client.get("/exams/mock/papers", headers=world.as_city())).json()["items"]
    assert [(paper["subject"], paper["item_count"]) for paper in listed] == [("maths", 4)]
    assert "key" not in str(listed)


async def test_every_fault_of_a_body_is_told_with_its_place(world: World) -> None:
    await exam(world)
    body = paper_body()
    body["items"][0]["key"], body["items"][3]["full_mark"] = "E", "9"
    refused = await put(world, body)
    assert (refused.status_code, refused.json()["code"]) == (422, "paper.faulty")
    assert codes(refused) == [(None, "/items/0/key", "paper.key_unknown"), (None, "/items", "paper.sum_differs")]
    assert (await world.client.get(PAPER, headers=world.as_city())).status_code == 404
    assert (await world.client.put("/exams/mock/papers/art", json=body, headers=world.as_city())).status_code == 404


async def test_a_specification_table_is_the_same_paper(world: World) -> None:
    await exam(world)
    created = await send_table(world, TABLE.encode("gb18030"))
    assert created.status_code == 201, created.text
    plain = paper_body()
    expected = [(item["code"], item.get("key"), item.get("knowledge_points")) for item in plain["items"]]
    assert [(i["code"], i["key"], i["knowledge_points"]) for i in created.json()["items"]] == expected
    assert created.json()["items"][2]["partial_credit"] == "proportional"
    for file_format, media_type in (("xlsx", XLSX), ("csv", "text/csv")):
        filled = await world.client.get(f"{PAPER}:template", headers=world.as_city(), params={"format": file_format})
        assert filled.headers["content-type"].startswith(media_type)
        back = await send_table(world, filled.content, media_type)
        assert (back.status_code, back.json()["version"]) == (200, 1), back.text


async def test_every_fault_of_a_table_is_told_with_row_and_column(world: World) -> None:
    await exam(world)
    await send_table(world, TABLE.encode())
    wrong = TABLE.replace("1,单选题,3,1,ABCD,B", "2,单选题,3,1,ABCD,E").replace("非选择题,8", "非选择题,9")
    refused = await send_table(world, wrong.encode())
    assert (refused.status_code, refused.json()["error_count"]) == (422, 3)
    assert codes(refused) == [
        (None, None, "paper.sum_differs"),
        (2, "答案", "paper.key_unknown"),
        (3, "题号", "paper.item_twice"),
    ]
    unreadable = await send_table(world, (HEADER + "1,选择,x,,,,,,\n").encode())
    assert codes(unreadable) == [(2, "题目类型", "cell.not_allowed"), (2, "满分", "cell.not_a_number")]
    kept = await world.client.get(PAPER, headers=world.as_city())
    assert (kept.json()["version"], len(kept.json()["items"])) == (1, 4)


async def test_an_empty_template_has_the_columns_and_notes(world: World) -> None:
    await exam(world)
    answer = await world.client.get(f"{PAPER}:template", headers=world.as_city())
    book = fastexcel.read_excel(io.BytesIO(answer.content).getvalue())
    assert book.sheet_names == ["双向细目表", "填写说明"]
    assert book.load_sheet(0, header_row=0).to_polars().columns[:4] == ["题号", "题目名称", "题目类型", "满分"]


async def test_papers_are_secret_from_schools_until_the_exam_is_over(world: World) -> None:
    await exam(world, held_on="2026-11-20")
    await put(world, paper_body())
    for who in (
        world.as_school(A),
        world.as_county(COUNTIES[0]),
        bearer(actor("teacher", f"99/9900/{COUNTIES[1]}/{A}/")),
    ):
        refused = await world.client.get(PAPER, headers=who)
        assert (refused.status_code, refused.json()["code"]) == (403, "paper.not_open")
        blank = await world.client.get(f"{PAPER}:template", headers=who, params={"format": "csv"})
        assert len(blank.text.strip().splitlines()) == 1
        assert (await world.client.get("/exams/mock/papers", headers=who)).json()["items"][0]["item_count"] == 4
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    assert (await world.client.get(PAPER, headers=world.as_school(A))).json()["items"][0]["key"] == "B"


async def test_papers_of_an_exam_to_come_stay_secret_though_collection_is_open(world: World) -> None:
    await exam(world, held_on="2999-11-20")
    await put(world, paper_body())
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    assert (await world.client.get(PAPER, headers=world.as_school(A))).status_code == 403


async def test_only_the_holder_of_the_exam_writes_its_papers(world: World) -> None:
    await exam(world)
    assert (await put(world, paper_body(), world.as_school(A))).status_code == 403
    assert (await put(world, paper_body(), world.as_county(COUNTIES[0]))).status_code == 403
    assert (await put(world, paper_body())).status_code == 201


async def test_a_wrong_key_is_corrected_with_a_reason(world: World) -> None:
    await exam(world)
    await put(world, paper_body())

    async def correct(**body: str) -> httpx.Response:
        return await world.client.post(f"{PAPER}:correct-key", json=body, headers=world.as_city())

    reason = "印刷错误，专家组复核"
    corrected = await correct(item="2", key="C", reason=reason)
    assert (corrected.status_code, corrected.json()["version"]) == (200, 2), corrected.text
    entry = corrected.json()["corrections"][0]
    assert (entry["item"], entry["old_key"], entry["new_key"], entry["reason"]) == ("2", "D", "C", reason)
    assert (await correct(item="2", key="C", reason=reason)).json()["version"] == 2
    unknown = await correct(item="2", key="E", reason=reason)
    assert (unknown.status_code, codes(unknown)) == (422, [(None, "/key", "paper.key_unknown")])
    assert (await correct(item="4", key="A", reason=reason)).status_code == 422
    assert (await correct(item="9", key="A", reason=reason)).status_code == 404
    assert (await correct(item="2", key="B", reason="错")).status_code == 422


async def test_a_draft_is_not_changed_beneath_its_papers(world: World) -> None:
    await exam(world)
    await put(world, paper_body())
    plain: dict[str, Any] = {"value_added_models": [], "comparison_attributes": []}
    more = [{**SUBJECTS[0], "full_mark": "25"}]
    refused = await world.put_exam(subjects=more, **plain)
    assert (refused.status_code, refused.json()["code"]) == (409, "exam.papers_do_not_fit")
    assert codes(refused) == [(None, "/subjects", "paper.sum_differs")]
    other = [{**SUBJECTS[0], "code": "physics", "name_zh": "物理"}]
    assert codes(await world.put_exam(subjects=other, **plain)) == [(None, "/subjects", "paper.subject_gone")]
    assert (await world.client.delete(PAPER, headers=world.as_school(A))).status_code == 403
    assert (await world.client.delete(PAPER, headers=world.as_city())).status_code == 204
    assert (await world.client.get(PAPER, headers=world.as_city())).status_code == 404
    assert (await world.put_exam(subjects=more, **plain)).status_code == 200
