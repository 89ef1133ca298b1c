"""Accounting for pupils without a row and rows without a pupil, and what that does to the reconciliation."""

from typing import Any

import httpx
import pytest
from polars import col

from services.monitoring.exclusions.rules import NEEDS_DOCUMENT, NEEDS_NOTE, PUPIL_REASONS, ROW_REASONS
from shared.kernel.personal import person_key
from tests.services.monitoring.world import COUNTIES, SCHOOLS, World

pytestmark = pytest.mark.anyio
A, B = list(SCHOOLS)[:2]
URL = "/exams/mock/exclusions"
OTHER_COUNTY = next(county for county in COUNTIES if county != SCHOOLS[A])


async def opened(world: World, *, absent: int = 2, **changes: Any) -> list[str]:
    """Every school sends its sheet; the first one without its last pupils, whose numbers are returned."""
    await world.open_exam(**changes)
    for school in SCHOOLS:
        rows = world.rows(school)
        await world.send(school, rows[:-absent] if school == A else rows)
    return world.pupils[A][-absent:]


async def make(world: World, entry: dict[str, Any], headers: dict[str, str] | None = None) -> httpx.Response:
    return await world.client.post(URL, json=entry, headers=headers or world.as_school(A))


async def unaccounted(world: World) -> tuple[int, dict[str, int]]:
    found = (await world.client.get("/exams/mock/reconciliation", headers=world.as_city())).json()
    return found["unaccounted"], found["excluded_by_code"]


def codes(answer: httpx.Response) -> list[str]:
    return [fault["code"] for fault in answer.json()["errors"]]


async def test_pupils_without_a_row_are_accounted_for_one_by_one(world: World) -> None:
    first, second = await opened(world)
    assert await unaccounted(world) == (2, {})
    made = await make(world, {"student_id": first, "reason_code": "long_term_illness"})
    assert made.status_code == 201, made.text
    assert first not in made.text
    assert (made.json()["reason"], made.json()["school_code"]) == ("长期病假", A)
    again = await make(world, {"student_id": first, "reason_code": "长期病假"})
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    other = {"student_id": first, "reason_code": "suspended", "document_number": "休〔2026〕12号"}
    changed = await make(world, other)
    assert (changed.status_code, changed.json()["id"] != made.json()["id"]) == (200, True)
    await make(world, {"student_id": second, "reason_code": "other", "note": "随父母迁往外省，未办转学"})
    assert await unaccounted(world) == (0, {"other": 1, "suspended": 1})
    board = (await world.client.get("/exams/mock/completeness", headers=world.as_city())).json()
    assert board["total"]["excluded_by_code"] == {"other": 1, "suspended": 1}
    assert board["total"]["enrollment_participation_rate"] == "0.9722"


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"reason_code": "deceased"}, "exclusion.one_subject"),
        ({"reason_code": "deceased", "student_id": "{absent}", "candidate_id": "e1"}, "exclusion.one_subject"),
        ({"reason_code": "visiting", "student_id": "{absent}"}, "exclusion.reason_unfit"),
        ({"reason_code": "tired", "student_id": "{absent}"}, "exclusion.reason_unfit"),
        ({"reason_code": "exempt_by_document", "student_id": "{absent}"}, "exclusion.document_missing"),
        ({"reason_code": "other", "student_id": "{absent}", "note": "无"}, "exclusion.note_missing"),
        ({"reason_code": "deceased", "student_id": "{present}"}, "exclusion.has_row"),
        # Not student.other_school: of a sample a school learns of its own pupils alone.
        ({"reason_code": "deceased", "student_id": "{elsewhere}"}, "student.unknown"),
        ({"reason_code": "deceased", "student_id": "G0"}, "student.unknown"),
        ({"reason_code": "visiting", "candidate_id": "nobody"}, "exclusion.row_unknown"),
        ({"reason_code": "deceased", "student_id": "{absent}", "school_code": B}, "school.unknown"),
    ],
)
async def test_what_cannot_be_true_is_refused(world: World, entry: dict[str, str], code: str) -> None:
    numbers = {
        "{absent}": (await opened(world))[0],
        "{present}": world.pupils[A][0],
        "{elsewhere}": world.pupils[B][0],
    }
    sent = {name: numbers.get(value, value) for name, value in entry.items()}
    refused = await make(world, sent)
    assert (refused.status_code, refused.json()["code"]) == (422, "exclusion.faulty")
    assert code in codes(refused)
    assert all(number not in refused.text for number in numbers.values())
    assert await unaccounted(world) == (2, {})


async def test_of_a_list_the_sound_entries_count_and_every_fault_is_told(world: World) -> None:
    first, second = await opened(world)
    items = [
        {"student_id": first, "reason_code": "transferred_out"},
        {"student_id": second, "reason_code": "exempt_by_document"},
        {"student_id": first, "reason_code": "deceased"},
    ]
    tried = await world.client.post(f"{URL}:batch?dry_run=true", json={"items": items}, headers=world.as_school(A))
    assert (tried.status_code, tried.json()["created"]) == (207, 0)
    answer = await world.client.post(f"{URL}:batch", json={"items": items}, headers=world.as_school(A))
    told = answer.json()
    assert (answer.status_code, told["created"], told["refused"]) == (207, 1, 2)
    assert [(item["row"], item["status"]) for item in told["items"]] == [(1, 201), (2, 422), (3, 422)]
    assert [(fault["pointer"], fault["code"]) for fault in told["errors"]] == [
        ("/items/1/document_number", "exclusion.document_missing"),
        ("/items/2/student_id", "row.duplicate"),
    ]
    assert first not in answer.text
    assert await unaccounted(world) == (1, {"transferred_out": 1})


async def test_a_file_may_name_schools_reasons_and_columns_in_chinese(world: World) -> None:
    first, second = await opened(world)
    lines = [
        "学校代码,学籍号,原因,文号,说明",
        f"{A},{first},已转出,,",
        f"{A},{second},依文件免予参加,毕教通〔2026〕3号,",
        f"{B},x,已转出,,",
    ]
    content = "\n".join(lines)
    headers = world.as_county(SCHOOLS[A]) | {"Content-Type": "text/csv"}
    answer = await world.client.post(f"{URL}:import", content=content.encode(), headers=headers)
    told = answer.json()
    assert (told["created"], told["refused"]) == (2, 1)
    assert [(fault["row"], fault["column"], fault["code"]) for fault in told["errors"]] == [
        (4, "学校代码", "school.unknown")
    ]
    assert await unaccounted(world) == (0, {"exempt_by_document": 1, "transferred_out": 1})
    broken = await world.client.post(f"{URL}:import", content=b"\xff\xfe", headers=headers)
    assert broken.status_code in (400, 422)


async def test_rows_without_a_pupil_are_accounted_for_too(world: World) -> None:
    await world.open_exam(student_linking="optional")
    for school in SCHOOLS:
        rows = world.rows(school)
        if school == A:
            rows[-1]["student_id"] = ""
        await world.send(school, rows)
    candidate, pupil = world.rows(A)[-1]["candidate_id"], world.pupils[A][-1]
    await world.check_and_confirm()
    assert (await world.seal()).json()["code"] == "exam.unreconciled"
    assert (await make(world, {"candidate_id": candidate, "reason_code": "number_pending"})).status_code == 201
    linked = await make(world, {"candidate_id": world.rows(A)[0]["candidate_id"], "reason_code": "visiting"})
    assert codes(linked) == ["exclusion.row_unknown"]
    assert (await make(world, {"student_id": pupil, "reason_code": "duplicate_enrollment"})).status_code == 201
    found = (await world.client.get("/exams/mock/reconciliation", headers=world.as_city())).json()
    assert (found["reconciled"], found["unlinked"], found["unlinked_by_reason"]) == (True, 1, {"number_pending": 1})
    assert (await world.seal()).status_code == 200


async def test_a_row_for_an_excluded_pupil_is_a_fault_until_the_exclusion_is_withdrawn(world: World) -> None:
    first, _ = await opened(world)
    made = await make(world, {"student_id": first, "reason_code": "transferred_out"})
    refused = await world.send(A)
    assert (refused.status_code, codes(refused)) == (422, ["student.excluded"])
    address = f"{URL}/{made.json()['id']}"
    assert (await world.client.delete(address, headers=world.as_school(B))).status_code == 404
    assert (await world.client.delete(address, headers=world.as_school(A))).status_code == 204
    assert (await world.client.delete(address, headers=world.as_school(A))).status_code == 404
    assert (await world.send(A)).status_code == 200
    assert await unaccounted(world) == (0, {})


async def test_a_pupil_excluded_while_the_sheet_was_read_stops_the_sheet(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = await opened(world)
    await make(world, {"student_id": first, "reason_code": "transferred_out"})

    async def before(*_: object) -> frozenset[str]:
        return frozenset()  # the sheet was read when nobody was excluded yet

    monkeypatch.setattr("services.monitoring.mark_sheets.service.receive.excluded_keys", before)
    refused = await world.send(A)
    assert (refused.status_code, refused.json()["code"]) == (409, "exclusion.changed_meanwhile")
    assert await unaccounted(world) == (1, {"transferred_out": 1})


async def test_each_sees_and_accounts_for_their_own(world: World) -> None:
    first, second = await opened(world)
    entry = {"school_code": A, "student_id": first, "reason_code": "transferred_out"}
    assert codes(await make(world, entry, world.as_school(B))) == ["school.unknown"]
    assert codes(await make(world, entry, world.as_county(OTHER_COUNTY))) == ["school.unknown"]
    nameless = {name: value for name, value in entry.items() if name != "school_code"}
    assert codes(await make(world, nameless, world.as_city())) == ["cell.missing"]
    assert (await make(world, entry, world.as_county(SCHOOLS[A]))).status_code == 201
    assert (await make(world, {**entry, "student_id": second}, world.as_vendor())).status_code == 201
    listed = await world.client.get(f"{URL}?reason_code=transferred_out", headers=world.as_school(A))
    assert len(listed.json()["items"]) == 2
    assert (await world.client.get(URL, headers=world.as_school(B))).json()["items"] == []


async def test_a_sealed_exam_accounts_for_nothing_more(world: World) -> None:
    first, second = await opened(world)
    await make(world, {"student_id": first, "reason_code": "transferred_out"})
    await world.check_and_confirm()
    made = await make(world, {"student_id": second, "reason_code": "deceased"})
    assert made.status_code == 201
    assert (await world.seal()).status_code == 200
    late = await make(world, {"student_id": second, "reason_code": "transferred_out"})
    assert (late.status_code, late.json()["code"]) == (409, "exam.not_accounting")
    gone = await world.client.delete(f"{URL}/{made.json()['id']}", headers=world.as_school(A))
    assert gone.json()["code"] == "exam.not_accounting"
    await world.run_job(await world.client.post("/exams/mock:analyze", headers=world.as_city()))
    assert (await world.client.post("/exams/mock:publish", json={}, headers=world.as_city())).status_code == 201
    manifest = (await world.client.get("/exams/mock/results", headers=world.as_city())).json()["manifest"]
    assert manifest["completeness"]["excluded_by_code"] == {"deceased": 1, "transferred_out": 1}


async def test_freezing_the_roster_anew_takes_back_what_no_longer_applies(world: World) -> None:
    first, second = await opened(world)
    await make(world, {"student_id": first, "reason_code": "transferred_out"})
    await make(world, {"student_id": second, "reason_code": "deceased"})

    key = person_key(first, world.settings.key("person_key"))
    world.roster._enrollments = world.roster._enrollments.filter(col("student_key") != key)
    await world.run_job(await world.client.post("/exams/mock:open", headers=world.as_city()))
    assert await unaccounted(world) == (0, {"deceased": 1})


def test_the_reasons_and_what_supports_them() -> None:
    assert list(PUPIL_REASONS) == [
        "transferred_out",
        "suspended",
        "long_term_illness",
        "exempt_by_document",
        "deceased",
        "duplicate_enrollment",
        "other",
    ]
    assert set(PUPIL_REASONS) >= NEEDS_DOCUMENT
    assert set(PUPIL_REASONS) & set(ROW_REASONS) == NEEDS_NOTE
