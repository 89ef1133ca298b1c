"""Staff over HTTP."""

import pytest

from tests.services.roster.senders import PATH_A, PATH_B, SCHOOL_B, Sender, citizen_number, member

pytestmark = pytest.mark.anyio


async def test_a_member_of_staff(city: Sender) -> None:
    answer = await city.batch(
        "staff", [member(1, post="班主任", professional_title="一级教师", education_level="21", staffing_category="1")]
    )
    key = answer.json()["items"][0]["key"]["staff_key"]
    read = (await city.get(f"/staff/{key}")).json()
    assert (read["post"], read["professional_title"], read["status"]) == ("23", "first", "active")
    assert read["birth_year"] == 1985
    assert read["citizen_number_masked"] == "9900" + "*" * 13 + citizen_number(1, birth="19850607")[-1]


async def test_another_school_may_have_who_has_left(city: Sender) -> None:
    a, b = Sender(city.client, "school_admin", PATH_A), Sender(city.client, "school_admin", PATH_B)
    assert (await a.batch("staff", [member(1)])).status_code == 207
    taken = await b.batch("staff", [member(1, SCHOOL_B)])
    assert [fault["code"] for fault in taken.json()["errors"]] == ["roster.staff_elsewhere"]
    await a.batch("staff", [member(1, status="left")])
    moved = await b.batch("staff", [member(1, SCHOOL_B)])
    assert moved.json()["counts"]["updated"] == 1
    assert (await a.get("/staff")).json()["items"] == []
    assert (await b.get("/staff", school_code=SCHOOL_B, status="active")).json()["items"][0]["school_code"] == SCHOOL_B


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"citizen_number": citizen_number(1)[:-1] + "A"}, "identity.format"),
    ({"sex": "2"}, "roster.identity_sex_differs"),
    ({"school_code": "2199000009"}, "roster.school_unknown"),
    ({"salary": 1}, "field.unknown"),
]


async def test_what_is_refused(city: Sender) -> None:
    for changes, code in REFUSED:
        answer = await city.batch("staff", [{**member(1), **changes}])
        assert [fault["code"] for fault in answer.json()["errors"]] == [code], changes
