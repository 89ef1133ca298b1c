"""Classes over HTTP."""

import pytest

from tests.services.roster.senders import SCHOOL_A, YEAR, Sender

pytestmark = pytest.mark.anyio


async def test_a_class_by_its_natural_key(city: Sender) -> None:
    created = await city.put_class(SCHOOL_A, "c2", class_type="教学班")
    assert (created.status_code, created.json()["class_type"]) == (201, "scheduled")
    assert (await city.put_class(SCHOOL_A, "c2", class_type="scheduled")).status_code == 200
    read = await city.get(f"/classes/{SCHOOL_A}/{YEAR}/c2")
    assert read.json() == {**created.json(), "updated_at": read.json()["updated_at"]}
    assert read.json()["version"] == 1


async def test_a_chinese_class_code_is_an_address_too(city: Sender) -> None:
    assert (await city.put_class(SCHOOL_A, "六（1）班")).status_code == 201
    assert (await city.get(f"/classes/{SCHOOL_A}/{YEAR}/六（1）班")).json()["class_code"] == "六（1）班"


REFUSED: list[tuple[str, dict[str, object], int, str]] = [
    (f"/classes/{SCHOOL_A}/2026-2028/c1", {}, 422, "roster.school_year_format"),
    (f"/classes/21990/{YEAR}/c1", {}, 422, "roster.school_code_format"),
    (f"/classes/2199000009/{YEAR}/c1", {}, 404, "resource.not_found"),
    (f"/classes/{SCHOOL_A}/{YEAR}/c1", {"grade_level": 10}, 422, "roster.grade_not_taught"),
    (f"/classes/{SCHOOL_A}/{YEAR}/c1", {"grade_level": 13}, 422, "field.too_high"),
    (f"/classes/{SCHOOL_A}/{YEAR}/c1", {"teacher": "x"}, 422, "field.unknown"),
]


async def test_what_is_refused(city: Sender) -> None:
    for path, changes, status, code in REFUSED:
        answer = await city.put(path, {"name": "六（1）班", "grade_level": 6, **changes})
        codes = [fault["code"] for fault in answer.json().get("errors", [])] or [answer.json()["code"]]
        assert (answer.status_code, codes) == (status, [code]), path


async def test_filters(city: Sender) -> None:
    await city.put_class(SCHOOL_A, "c7", grade_level=7)
    listed = await city.get("/classes", school_code=SCHOOL_A, school_year=YEAR, grade_level=7)
    assert [item["class_code"] for item in listed.json()["items"]] == ["c7"]
