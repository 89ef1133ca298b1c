"""Checklists: adopted or written, published as versions that never change, read by the schools they are about."""

import pytest

from tests.services.school_eval.inspections.inspecting import SMALL, Inspecting
from tests.support.city import CITY_ADMIN, code_of, county_admin, of_school

pytestmark = pytest.mark.anyio
LINKS = ["preparation", "teaching", "marking", "tutoring", "testing", "research", "evaluation"]


async def test_built_in_checklists_are_adopted_and_published(office: Inspecting) -> None:
    for code in ("management_routine", "teaching_routine"):
        adopted = await office.post(f"/checklists/{code}:adopt")
        assert adopted.status_code == 201, adopted.text
        assert not adopted.json()["verified"]
        published = await office.post(f"/checklists/{code}:publish", {"note": "采用内置清单"}, match=adopted)
        assert published.json()["number"] == 1
    teaching = (await office.get("/checklists/teaching_routine/versions/1", of_school())).json()
    assert [section["link"] for section in teaching["sections"]] == LINKS
    assert [label["zh"] for label in teaching["labels"]["yes_no"]] == ["否", "是"]
    assert (await office.post("/checklists/teaching_routine:adopt")).status_code == 200


async def test_a_version_stands_and_an_unchanged_draft_makes_none(office: Inspecting) -> None:
    made = await office.put("/checklists/small", SMALL)
    assert (await office.post("/checklists/small:publish", {"note": "首次发布清单"}, match=made)).status_code == 201
    known = await office.get("/checklists/small")
    assert known.json()["is_published"]
    again = await office.post("/checklists/small:publish", {"note": "再次发布清单"}, match=known)
    assert code_of(again) == "checklist.unchanged"
    changed = await office.put("/checklists/small", SMALL | {"document": "新的文件"}, match=known)
    assert not changed.json()["is_published"]
    assert (await office.post("/checklists/small:publish", {"note": "依据新文件"}, match=changed)).json()["number"] == 2
    versions = (await office.get("/checklists/small/versions")).json()["items"]
    assert [(version["number"], version["document"]) for version in versions] == [(2, "新的文件"), (1, "测试清单")]
    assert (await office.get("/checklists/small/versions/3")).status_code == 404


async def test_what_cannot_be_a_checklist_is_refused(office: Inspecting) -> None:
    section = SMALL["sections"][0]
    twice = SMALL | {"sections": [section, section]}
    assert code_of(await office.put("/checklists/small", twice)) == "request.invalid"
    assert code_of(await office.put("/checklists/small", SMALL | {"routine": "teaching"})) == "request.invalid"
    assert code_of(await office.put("/checklists/small", SMALL, of_school())) == "auth.forbidden"
    made = await office.put("/checklists/small", SMALL)
    assert made.status_code == 201
    assert code_of(await office.put("/checklists/small", SMALL, CITY_ADMIN)) == "request.precondition_required"
    # The county reads the city's list and does not write it.
    assert (await office.get("/checklists/small", county_admin())).status_code == 200
    assert code_of(await office.put("/checklists/small", SMALL, county_admin())) == "resource.conflict"
