"""Sending mark sheets: all of a school or nothing, with a receipt, and what happens to bad files."""

import io
import zipfile

import pytest

from shared.kernel.receipt import receipt_holds
from tests.services.monitoring.world import SCHOOLS, World, csv

pytestmark = pytest.mark.anyio
A, B = list(SCHOOLS)[:2]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def sheets(world: World, headers: dict[str, str] | None = None) -> dict[str, int]:
    answer = await world.client.get("/exams/mock/mark-sheets", headers=headers or world.as_city())
    return {item["school_code"]: item["row_count"] for item in answer.json()["items"]}


async def test_a_sound_sheet_is_taken_with_a_signed_receipt(world: World) -> None:
    await world.open_exam()
    taken = await world.send(A)
    assert taken.status_code == 201, taken.text
    receipt = taken.json()["receipt"]
    assert receipt_holds(receipt, world.settings.key("receipt_key"))
    assert (receipt["outcome"], receipt["rows"]) == ("accepted", 12)
    again = await world.send(A)
    assert (again.status_code, again.json()["items"][0]["outcome"]) == (200, "unchanged")
    replaced = await world.send(A, world.rows(A, seed=1))
    assert (replaced.status_code, replaced.json()["items"][0]["outcome"]) == (200, "replaced")
    assert await sheets(world) == {A: 12}


async def test_of_a_faulty_sheet_nothing_is_stored_and_every_fault_is_told(world: World) -> None:
    await world.open_exam()
    rows = world.rows(A)
    rows[0]["maths"], rows[1]["maths"], rows[2]["student_id"] = "101", "50.3", world.pupils[B][0]
    refused = await world.send(A, rows, headers={**world.as_vendor(), "Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (422, "mark_sheet.faulty")
    told = [(fault["row"], fault["column"], fault["code"]) for fault in refused.json()["errors"]]
    assert told == [
        (2, "maths", "mark.above_full_mark"),
        (3, "maths", "mark.off_grid"),
        (4, "student_id", "student.other_school"),
    ]
    assert world.pupils[B][0] not in refused.text
    assert await sheets(world) == {}
    errors = await world.follow(refused.json()["errors_url"], world.as_vendor())
    assert errors.headers["content-type"].startswith("text/csv")
    assert len(errors.text.strip().splitlines()) == 4


async def test_a_faulty_replacement_leaves_the_good_sheet(world: World) -> None:
    await world.open_exam()
    await world.send(A)
    rows = world.rows(A, seed=1)
    rows[5]["maths"] = "x"
    assert (await world.send(A, rows)).status_code == 422
    assert await sheets(world) == {A: 12}


async def test_a_dry_run_stores_nothing(world: World) -> None:
    await world.open_exam()
    tried = await world.send(A, params={"dry_run": "true"})
    assert (tried.status_code, tried.json()["items"][0]["outcome"]) == (200, "valid")
    assert await sheets(world) == {}


async def test_a_small_file_of_many_schools_answers_by_school(world: World) -> None:
    await world.open_exam()
    rows = world.rows(A) + world.rows(B)
    rows[-1]["maths"] = "-3"
    headers = {**world.as_vendor(), "Content-Type": "text/csv"}
    answer = await world.client.post("/exams/mock/mark-sheets:batch", content=csv(rows), headers=headers)
    assert answer.status_code == 207, answer.text
    outcomes = {item["school_code"]: (item["status"], item["outcome"]) for item in answer.json()["items"]}
    assert outcomes == {A: (201, "created"), B: (422, "refused")}
    assert await sheets(world) == {A: 12}


async def test_a_large_file_is_read_by_a_job(world: World) -> None:
    await world.open_exam()
    rows = [row for school in SCHOOLS for row in world.rows(school)]
    content = csv(rows) + b"\n" * 1_200  # blank lines are no rows, but they make the file long
    headers = {**world.as_vendor(), "Content-Type": "text/csv"}
    accepted = await world.client.post("/exams/mock/mark-sheets:batch", content=content, headers=headers)
    job = await world.run_job(accepted)
    assert (job["result"]["outcome"], job["result"]["rows"]) == ("accepted", 72)
    assert len(await sheets(world)) == 6
    upload = await world.client.get(f"/exams/mock/uploads/{job['result']['upload_id']}", headers=world.as_vendor())
    assert receipt_holds(upload.json()["receipt"], world.settings.key("receipt_key"))


async def test_a_school_sends_and_sees_only_its_own(world: World) -> None:
    await world.open_exam()
    assert (await world.send(A, headers=world.as_school(A))).status_code == 201
    assert (await world.send(B, headers=world.as_school(A))).status_code == 404
    refused = await world.send(B)
    assert refused.status_code == 201
    assert await sheets(world, world.as_school(A)) == {A: 12}
    upload = refused.json()["id"]
    assert (await world.client.get(f"/exams/mock/uploads/{upload}", headers=world.as_school(A))).status_code == 404


def truncated() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>" * 200)
    return buffer.getvalue()[:120]


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "statuses"),
    [
        (truncated(), XLSX, {400, 422}),
        (bomb(), XLSX, {400, 413, 422}),
        (b"\xff\xfe" + "考号,数学".encode("utf-16-le"), "text/csv", {400, 422}),
        (b"{}\nnot json\n", "application/x-ndjson", {400, 422}),
        (b"PAR1nothing", "application/vnd.apache.parquet", {400, 422}),
        (b"", "text/csv", {400, 422}),
        (b"candidate_id,maths\n=HYPERLINK(1),2\n", "text/csv", {422}),
    ],
)
async def test_hostile_files_get_a_clear_problem(
    world: World, content: bytes, media_type: str, statuses: set[int]
) -> None:
    await world.open_exam()
    headers = {**world.as_vendor(), "Content-Type": media_type}
    answer = await world.client.put(f"/exams/mock/mark-sheets/{A}", content=content, headers=headers)
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] != "server.internal"
    assert await sheets(world) == {}


async def test_marks_are_taken_only_while_collecting(world: World) -> None:
    await world.put_exam()
    early = await world.send(A)
    assert (early.status_code, early.json()["code"]) == (409, "exam.not_collecting")


async def test_sealing_needs_everything_accounted_for_or_a_reason(world: World) -> None:
    await world.open_exam()
    for school in list(SCHOOLS)[:-1]:
        await world.send(school)
    found = (await world.client.get("/exams/mock/reconciliation", headers=world.as_city())).json()
    assert (found["reconciled"], found["schools_received"], found["unaccounted"]) == (False, 5, 12)
    own = (await world.client.get("/exams/mock/reconciliation", headers=world.as_school(A))).json()
    assert (own["reconciled"], own["schools"], own["rows"]) == (True, 1, 12)
    await world.check_and_confirm()
    refused = await world.seal()
    assert (refused.status_code, refused.json()["code"]) == (409, "exam.unreconciled")
    sealed = await world.seal(reason="该校停电，已报备")
    assert (sealed.status_code, sealed.json()["state"]) == (200, "sealed")
    assert (await world.send(A)).status_code == 409
    reopened = await world.client.post("/exams/mock:reopen", json={"reason": "补报成绩"}, headers=world.as_city())
    assert reopened.status_code == 422  # a reason of four characters says nothing
