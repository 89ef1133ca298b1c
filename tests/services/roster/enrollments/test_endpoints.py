"""Enrollments over HTTP: who is where, and what a transfer does."""

import hashlib
import io

import polars as pl
import pytest

from tests.services.roster.senders import PATH_A, PATH_B, SCHOOL_A, SCHOOL_B, YEAR, Sender, enrollment, pupil

pytestmark = pytest.mark.anyio
NEXT_YEAR = "2027-2028"


async def rows(sender: Sender, **query: str) -> list[dict[str, object]]:
    return (await sender.get("/enrollments", **query)).json()["items"]  # type: ignore[no-any-return]


async def codes_of(sender: Sender, *items: dict[str, object]) -> list[str]:
    answer = await sender.batch("enrollments", list(items))
    return [fault["code"] for fault in answer.json().get("errors", [])]


@pytest.fixture
async def pupils(city: Sender) -> Sender:
    assert (await city.batch("students", [pupil(1), pupil(2)])).status_code == 207
    return city


async def test_a_pupil_is_named_by_number_or_by_key(pupils: Sender) -> None:
    first = await pupils.batch("enrollments", [enrollment(1)])
    key = first.json()["items"][0]["key"]["student_key"]
    by_key = {**enrollment(1), "student_key": key, "student_number": None}
    again = await pupils.batch("enrollments", [by_key])
    assert [item["status"] for item in again.json()["items"]] == ["unchanged"]
    for wrong in ({**by_key, "student_key": None}, {**enrollment(1), "student_key": key}):
        answer = await pupils.batch("enrollments", [wrong])
        assert [fault["code"] for fault in answer.json()["errors"]] == ["roster.student_reference"]
    (row,) = await rows(pupils)
    assert (row["status"], row["entered_on"], row["left_on"]) == ("enrolled", "2026-09-01", None)
    (same,) = (await pupils.get(f"/enrollments/{key}")).json()["items"]
    assert same == row


async def test_a_transfer_closes_the_old_stay_and_moves_the_pupil(pupils: Sender) -> None:
    await pupils.batch("enrollments", [enrollment(1)])
    cursor = (await pupils.get("/changes")).json()["next_after"]
    moved = await pupils.batch("enrollments", [enrollment(1, SCHOOL_B, entered_on="2026-11-02")])
    assert [item["status"] for item in moved.json()["items"]] == ["created"]
    stays = {row["school_code"]: (row["status"], row["entered_on"], row["left_on"]) for row in await rows(pupils)}
    assert stays == {
        SCHOOL_A: ("transferred_out", "2026-09-01", "2026-11-02"),
        SCHOOL_B: ("enrolled", "2026-11-02", None),
    }
    changes = (await pupils.get("/changes", after=cursor)).json()["items"]
    assert [(change["resource"], change["key"].get("school_code")) for change in changes] == [
        ("enrollments", SCHOOL_A),
        ("enrollments", SCHOOL_B),
        ("students", None),
    ]
    b = Sender(pupils.client, "school_operator", PATH_B)
    assert [row["school_code"] for row in (await b.get("/students")).json()["items"]] == [SCHOOL_B]
    again = await pupils.batch("enrollments", [enrollment(1, SCHOOL_B)])
    assert again.json()["counts"]["unchanged"] == 1


async def test_a_pupil_who_comes_back_opens_the_old_stay_again(pupils: Sender) -> None:
    for school_code in (SCHOOL_A, SCHOOL_B, SCHOOL_A):
        assert (await pupils.batch("enrollments", [enrollment(1, school_code)])).status_code == 207
    assert {row["school_code"]: row["status"] for row in await rows(pupils)} == {
        SCHOOL_A: "enrolled",
        SCHOOL_B: "transferred_out",
    }


async def test_a_school_cannot_take_a_pupil_that_another_still_has(pupils: Sender) -> None:
    a, b = Sender(pupils.client, "school_operator", PATH_A), Sender(pupils.client, "school_operator", PATH_B)
    await a.batch("enrollments", [enrollment(1)])
    assert await codes_of(b, enrollment(1, SCHOOL_B)) == ["roster.student_elsewhere"]
    stolen = await b.batch("students", [pupil(1, SCHOOL_B)])
    assert [fault["code"] for fault in stolen.json()["errors"]] == ["roster.student_elsewhere"]
    await a.batch("enrollments", [enrollment(1, status="transferred_out", left_on="2026-11-01")])
    assert (await b.batch("enrollments", [enrollment(1, SCHOOL_B)])).json()["counts"]["created"] == 1
    assert len((await b.get("/students")).json()["items"]) == 1
    # The old school keeps its own closed stay, and may still correct it; the pupil's record is no longer its own.
    assert [row["status"] for row in await rows(a)] == ["transferred_out"]
    assert len((await a.get("/students")).json()["items"]) == 1
    corrected = await a.batch("enrollments", [enrollment(1, status="transferred_out", left_on="2026-11-02")])
    assert corrected.json()["counts"]["updated"] == 1
    assert await codes_of(a, enrollment(1)) == ["roster.student_elsewhere"]


async def test_a_school_may_write_the_record_of_a_pupil_who_was_let_go(pupils: Sender) -> None:
    a, b = Sender(pupils.client, "school_operator", PATH_A), Sender(pupils.client, "school_operator", PATH_B)
    await a.batch("enrollments", [enrollment(1, status="graduated", left_on="2027-07-01")])
    claimed = await b.batch("students", [pupil(1, SCHOOL_B)])
    assert claimed.json()["counts"]["updated"] == 1
    assert [row["school_code"] for row in (await b.get("/students")).json()["items"]] == [SCHOOL_B]


async def test_history_does_not_move_a_pupil_back(pupils: Sender) -> None:
    await pupils.put(f"/classes/{SCHOOL_B}/{NEXT_YEAR}/c1", {"name": "七（1）班", "grade_level": 7})
    seven = enrollment(1, SCHOOL_B, school_year=NEXT_YEAR, grade_level=7)
    await pupils.batch("enrollments", [enrollment(1)])
    await pupils.batch("enrollments", [seven])
    await pupils.batch("enrollments", [enrollment(1, status="suspended")])
    b = Sender(pupils.client, "school_operator", PATH_B)
    assert len((await b.get("/students")).json()["items"]) == 1
    assert len(await rows(pupils)) == 2


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"school_code": "2199000009"}, "roster.school_unknown"),
    ({"class_code": "c9"}, "roster.class_unknown"),
    ({"grade_level": 5}, "roster.class_grade_differs"),
    ({"grade_level": 12}, "roster.grade_not_taught"),
    ({"left_on": "2026-10-01"}, "roster.enrollment_left_while_open"),
    ({"status": "graduated"}, "roster.enrollment_left_on_missing"),
    ({"status": "expelled"}, "roster.code_unknown"),
    ({"name": "x"}, "field.unknown"),
]


async def test_what_is_refused(pupils: Sender) -> None:
    for changes, code in REFUSED:
        assert await codes_of(pupils, {**enrollment(1), **changes}) == [code], changes
    assert await rows(pupils) == []


async def test_an_unknown_pupil_and_a_pupil_in_two_schools(pupils: Sender) -> None:
    assert await codes_of(pupils, enrollment(3)) == ["roster.student_unknown"]
    assert await codes_of(pupils, enrollment(1), enrollment(1, SCHOOL_B)) == ["roster.enrollment_two_schools"]
    assert await codes_of(pupils, enrollment(1), enrollment(1)) == ["row.duplicate"]
    both = [enrollment(1, status="transferred_out", left_on="2026-10-01"), enrollment(1, SCHOOL_B)]
    assert await codes_of(pupils, *both) == []


async def test_an_export_is_the_same_bytes_each_time_and_holds_no_names(pupils: Sender) -> None:
    await pupils.batch("enrollments", [enrollment(2), enrollment(1)])
    first = await pupils.get("/enrollments:export", school_year=YEAR, grade_level=6)
    second = await pupils.get("/enrollments:export", school_year=YEAR, grade_level=6)
    assert first.content == second.content
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    frame = pl.read_parquet(io.BytesIO(first.content))
    assert frame.columns == [
        "student_key",
        "school_code",
        "county_code",
        "class_code",
        "grade_level",
        "status",
        "entered_on",
        "left_on",
    ]
    assert frame.get_column("county_code").to_list() == ["990001", "990001"]
    assert frame.get_column("student_key").is_sorted()
    unchanged = await pupils.client.get(
        "/enrollments:export",
        params={"school_year": YEAR, "grade_level": 6},
        headers={**pupils.headers, "If-None-Match": first.headers["etag"]},
    )
    assert unchanged.status_code == 304
    lines = await pupils.get("/enrollments:export", school_year=YEAR, format="ndjson", school_codes=SCHOOL_A)
    assert pl.read_ndjson(lines.content, schema_overrides=frame.schema).equals(frame)
    empty = await pupils.get("/enrollments:export", school_year=NEXT_YEAR)
    assert pl.read_parquet(io.BytesIO(empty.content)).schema == frame.schema
    assert (await pupils.get("/enrollments:export", school_year="2026")).status_code == 422
