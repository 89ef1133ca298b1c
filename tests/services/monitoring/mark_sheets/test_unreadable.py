"""A file that cannot be read at all leaves its record with the reason, and its school counts as faulty."""

from typing import Any

import pytest

from services.monitoring.intake import service
from shared.kernel.receipt import receipt_holds
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio
A, B = list(SCHOOLS)[:2]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BROKEN: list[tuple[bytes, str, str]] = [
    (b"PK\x03\x04 and then nothing that belongs there", XLSX, "table.unreadable"),
    (b"", "text/csv", "table.empty"),
    ("考号,学籍号\n".encode("utf-16-le"), "text/csv", "table."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, XLSX, "table."),
]


async def line_of(world: World, school: str) -> dict[str, Any]:
    params = {"level": "school"}
    board = await world.client.get("/exams/mock/completeness", params=params, headers=world.as_city())
    found: dict[str, Any] = next(line for line in board.json()["items"] if line["school_code"] == school)
    return found


async def put(world: World, content: bytes, media_type: str, **options: Any) -> Any:
    headers = {**world.as_vendor(), "Content-Type": media_type}
    return await world.client.put(f"/exams/mock/mark-sheets/{A}", content=content, headers=headers, **options)


@pytest.mark.parametrize(("content", "media_type", "code"), BROKEN)
async def test_the_record_says_why_and_the_board_counts_the_school_as_faulty(
    world: World, content: bytes, media_type: str, code: str
) -> None:
    await world.open_exam()
    answer = await put(world, content, media_type)
    problem = answer.json()
    assert 400 <= answer.status_code < 500, answer.text
    assert problem["code"].startswith(code), problem
    line = await line_of(world, A)
    assert (line["faulty"], line["missing"], line["received"]) == (1, 1, 0)
    record = await world.client.get(f"/exams/mock/uploads/{problem['upload_id']}", headers=world.as_vendor())
    kept = record.json()
    assert (kept["outcome"], kept["rows"]) == ("refused", 0)
    assert problem["code"] in kept["faults_by_code"]
    assert receipt_holds(kept["receipt"], world.settings.key("receipt_key"))
    told = await world.follow(problem["errors_url"] + "?format=json", world.as_vendor())
    assert told.json()["items"][0]["detail"] == problem["detail"]
    marked = await world.follow(problem["errors_url"] + "?format=xlsx", world.as_vendor())
    assert (marked.status_code, marked.json()["code"]) == (406, "request.not_acceptable")


async def test_a_sound_sheet_mends_it_and_a_broken_one_leaves_the_sound_in_force(world: World) -> None:
    await world.open_exam()
    assert (await put(world, *BROKEN[0][:2])).status_code == 400
    assert (await world.send(A)).status_code == 201
    assert (await line_of(world, A))["faulty"] == 0
    assert (await put(world, *BROKEN[0][:2])).status_code == 400
    line = await line_of(world, A)
    assert (line["received"], line["faulty"]) == (1, 1)
    sheet = await world.client.get(f"/exams/mock/mark-sheets/{A}", headers=world.as_city())
    assert sheet.json()["row_count"] == 12


async def test_a_dry_run_of_a_broken_file_marks_no_school(world: World) -> None:
    await world.open_exam()
    assert (await put(world, *BROKEN[0][:2], params={"dry_run": "true"})).status_code == 400
    assert (await line_of(world, A))["missing"] == 1


async def test_a_broken_file_read_by_a_job_ends_as_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BYTES_AT_ONCE", 8)
    await world.open_exam()
    headers = {**world.as_vendor(), "Content-Type": XLSX}
    taken = await world.client.post("/exams/mock/mark-sheets:batch", content=BROKEN[0][0], headers=headers)
    job = await world.run_job(taken)
    assert job["result"]["outcome"] == "refused"
    record = await world.client.get(f"/exams/mock/uploads/{taken.json()['id']}", headers=world.as_vendor())
    assert record.json()["faults_by_code"] == {"table.unreadable": 1}


async def test_what_is_refused_before_reading_leaves_no_record(world: World) -> None:
    await world.open_exam()
    headers = {**world.as_school(B), "Content-Type": XLSX}
    other = await world.client.put(f"/exams/mock/mark-sheets/{A}", content=BROKEN[0][0], headers=headers)
    assert (other.status_code, "upload_id" in other.json()) == (404, False)
    await world.check()
    late = await put(world, *BROKEN[0][:2])
    assert (late.status_code, late.json()["code"]) == (409, "exam.in_checking")
