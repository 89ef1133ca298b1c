"""Teaching assignments over HTTP: who teaches what, and what is refused."""

import asyncio
import io
from typing import Any

import polars as pl
import pytest

from shared.kernel.personal import person_key
from tests.services.roster.senders import PATH_A, PATH_B, SCHOOL_A, SCHOOL_B, YEAR, Sender, citizen_number, member

pytestmark = pytest.mark.anyio


def number(serial: int) -> str:
    return citizen_number(serial, birth="19850607")


def teaching(serial: int = 1, school_code: str = SCHOOL_A, **changes: Any) -> dict[str, Any]:
    return {
        "citizen_number": number(serial),
        "school_year": YEAR,
        "school_code": school_code,
        "class_code": "c1",
        "subject": "14",
        **changes,
    }


async def send(sender: Sender, *rows: dict[str, Any], **options: Any) -> Any:
    return (await sender.batch("teaching-assignments", list(rows), **options)).json()


async def codes_of(sender: Sender, *rows: dict[str, Any]) -> list[str]:
    return [fault["code"] for fault in (await send(sender, *rows)).get("errors", [])]


async def rows_of(sender: Sender, **query: str) -> list[dict[str, Any]]:
    return (await sender.get("/teaching-assignments", **query)).json()["items"]  # type: ignore[no-any-return]


@pytest.fixture
async def staffed(city: Sender) -> Sender:
    """Two members of staff at the first school, one at the second."""
    assert (await city.batch("staff", [member(1), member(2), member(3, SCHOOL_B)])).status_code == 207
    return city


async def test_a_row_says_the_whole_year_unless_it_says_more(staffed: Sender) -> None:
    answer = await send(staffed, teaching(subject="数学"), teaching(kind="班主任", subject=None))
    assert answer["counts"]["created"] == 2, answer
    key = answer["items"][0]["key"]["staff_key"]
    post, lesson = sorted(await rows_of(staffed, staff_key=key), key=lambda row: row["kind"])
    assert (post["kind"], post["subject"], lesson["subject"]) == ("homeroom_teacher", None, "14")
    assert (lesson["starts_on"], lesson["ends_on"], lesson["share"]) == ("2026-09-01", "2027-08-31", 1.0)
    by_key = {**teaching(), "citizen_number": None, "staff_key": key}
    assert (await send(staffed, by_key))["counts"]["unchanged"] == 1
    corrected = await send(staffed, {**by_key, "ends_on": "2027-01-31", "share": 0.5})
    assert corrected["counts"]["updated"] == 1
    again = await send(staffed, {**by_key, "spell": 2, "starts_on": "2027-03-01", "share": "0.5"})
    assert again["counts"]["created"] == 1
    assert [row["spell"] for row in await rows_of(staffed, subject="14")] == [1, 2]
    changes = (await staffed.get("/changes")).json()["items"]
    assert {"class_code": "c1", "spell": "2"}.items() <= changes[-1]["key"].items()


async def test_a_subject_of_a_class_is_given_out_once_on_any_day(staffed: Sender) -> None:
    whole, half = teaching(1), teaching(2, share=0.5)
    assert (await send(staffed, whole))["counts"]["created"] == 1
    assert await codes_of(staffed, half) == ["roster.assignment_share_exceeded"]
    # What is sent together is judged together: the first gives way to the second.
    assert await codes_of(staffed, {**whole, "share": 0.5}, half) == []
    assert await codes_of(staffed, teaching(1, share="0.5001")) == ["roster.assignment_share_exceeded"]
    assert await codes_of(staffed, {**half, "status": "withdrawn"}) == []
    assert await codes_of(staffed, whole) == []
    assert await codes_of(staffed, {**half, "subject": "13", "share": 1}) == []
    halves = [teaching(1, ends_on="2027-01-31"), teaching(2, starts_on="2027-02-01")]
    assert await codes_of(staffed, *halves) == []


async def test_a_class_has_one_class_teacher_at_a_time(staffed: Sender) -> None:
    first = teaching(1, kind="homeroom_teacher", subject=None)
    second = {**first, "citizen_number": number(2)}
    assert await codes_of(staffed, first, second) == ["roster.homeroom_teacher_twice"] * 2
    assert await codes_of(staffed, {**first, "ends_on": "2027-01-31"}, {**second, "starts_on": "2027-02-01"}) == []
    deputies = [{**first, "kind": "deputy_homeroom_teacher", "citizen_number": number(n)} for n in (1, 2)]
    assert await codes_of(staffed, *deputies) == []


async def test_two_who_write_at_once_do_not_give_out_more_than_the_whole(staffed: Sender) -> None:
    answers = await asyncio.gather(send(staffed, teaching(1)), send(staffed, teaching(2)))
    assert sorted(answer.get("counts", {}).get("created", 0) for answer in answers) == [0, 1]
    assert len(await rows_of(staffed)) == 1


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"citizen_number": None}, "roster.staff_reference"),
    ({"staff_key": "a" * 26}, "roster.staff_reference"),
    ({"citizen_number": number(9)}, "roster.staff_unknown"),
    ({"school_code": "2199000009"}, "roster.school_unknown"),
    ({"class_code": "c9"}, "roster.class_unknown"),
    ({"school_year": "2025-2026"}, "roster.class_unknown"),
    ({"subject": "算术"}, "roster.code_unknown"),
    ({"subject": None}, "roster.assignment_subject_missing"),
    ({"kind": "homeroom_teacher"}, "roster.assignment_post_has_subject"),
    ({"kind": "homeroom_teacher", "subject": None, "share": 0.5}, "roster.assignment_post_shared"),
    ({"starts_on": "2027-03-01", "ends_on": "2027-02-01"}, "roster.assignment_ends_before_start"),
    ({"ends_on": "2027-09-01"}, "roster.assignment_outside_year"),
    ({"share": 0}, "field.not_above"),
    ({"share": 1.5}, "field.too_high"),
    ({"lessons": 5}, "field.unknown"),
]


async def test_what_is_refused(staffed: Sender) -> None:
    for changes, code in REFUSED:
        assert await codes_of(staffed, {**teaching(), **changes}) == [code], changes
    assert await rows_of(staffed) == []


async def test_a_school_assigns_its_own_and_a_county_those_who_teach_at_two(staffed: Sender) -> None:
    a, b = Sender(staffed.client, "school_operator", PATH_A), Sender(staffed.client, "school_operator", PATH_B)
    assert await codes_of(a, teaching(3)) == ["roster.staff_not_yours"]
    assert await codes_of(a, teaching(3, SCHOOL_B)) == ["roster.school_unknown"]
    county = Sender(staffed.client, "county_admin", "99/9900/990001/")
    assert await codes_of(county, teaching(3), teaching(3, SCHOOL_B)) == []
    assert [row["school_code"] for row in await rows_of(a)] == [SCHOOL_A]
    assert [row["school_code"] for row in await rows_of(b)] == [SCHOOL_B]
    # Who has moved on stays what they were, and the school may still correct it.
    assert (await send(a, teaching(3, ends_on="2026-12-31")))["counts"]["updated"] == 1
    teacher = Sender(staffed.client, "teacher", PATH_A)
    assert (await teacher.get("/teaching-assignments")).status_code == 403


async def test_a_file_and_the_export(staffed: Sender) -> None:
    header = "公民身份号码,学年,学校标识码,班级代码,任教类别,学科,任教份额\n"
    lines = [f"{number(n)},{YEAR},{SCHOOL_A},c1,任课,{subject},{share}\n" for n, subject, share in
             ((1, "数学", "0.5"), (2, "数学", "0.5"), (1, "语文", ""))]  # fmt: skip
    imported = await staffed.upload("teaching-assignments", (header + "".join(lines)).encode())
    assert imported.json()["counts"]["created"] == 3, imported.text
    wrong = await staffed.upload("teaching-assignments", (header + lines[1].replace("0.5", "0.6")).encode())
    assert [fault["code"] for fault in wrong.json()["errors"]] == ["roster.assignment_share_exceeded"]
    exported = await staffed.get("/teaching-assignments:export", school_year=YEAR, status="assigned")
    frame = pl.read_parquet(io.BytesIO(exported.content))
    assert frame["subject"].to_list() == ["13", "14", "14"]
    assert frame["share"].to_list() == [1.0, 0.5, 0.5]
    assert set(frame["grade_level"]) == {6}
    assert set(frame["county_code"]) == {"990001"}
    assert number(1) not in exported.text
    assert person_key(number(1), b"") not in frame["staff_key"]
    assert (await staffed.get("/teaching-assignments:export", school_year="2026")).status_code == 422
