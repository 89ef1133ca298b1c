"""What the law refuses cites its rule; a departure stands in the audit log with the document that approves it."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from services.monitoring.app import SERVICE
from shared.kernel.app import open_kernel
from shared.kernel.audit.tables import AuditRecord
from tests.services.monitoring.world import SCHOOLS, World

pytestmark = pytest.mark.anyio
MOCK: dict[str, Any] = {"kind": "graduation_mock", "sample": None, "participants": None}
DOCUMENT = "毕教通〔2026〕1号"


async def audited(world: World, action: str, code: str) -> dict[str, Any]:
    """Detail of the last record of an action on an exam."""
    kernel = open_kernel(SERVICE, world.settings)
    async with kernel.database.transaction("") as session:
        payloads = [json.loads(text) for text in await session.scalars(select(AuditRecord.payload))]
    await kernel.database.close()
    found = [each for each in payloads if (each["action"], each["object"]) == (action, code)]
    detail: dict[str, Any] = found[-1]["detail"]
    return detail


@pytest.mark.parametrize("grade_level", [9, 12])
async def test_a_graduation_year_holds_two_mocks_a_school_year(world: World, grade_level: int) -> None:
    mock = {**MOCK, "grade_level": grade_level}
    assert [(await world.put_exam(f"m{n}", **mock)).status_code for n in (1, 2)] == [201, 201]
    third = await world.put_exam("m3", **mock)
    assert (third.status_code, third.json()["code"]) == (422, "exam.held_too_often")
    assert "H1" in third.json()["detail"]
    assert (await world.put_exam("m3", **{**mock, "school_year": "2027-2028"})).status_code == 201
    other = 21 - grade_level
    assert (await world.put_exam("m4", **{**mock, "grade_level": other})).status_code == 201


async def test_an_approved_departure_is_logged_with_its_document(world: World) -> None:
    assert (await world.put_exam("plain")).status_code == 201
    assert await audited(world, "exam.registered", "plain") == {"overridden": []}
    approved = await world.put_exam("approved", **MOCK, grade_level=5, approval_document=DOCUMENT)
    assert approved.status_code == 201
    assert await audited(world, "exam.registered", "approved") == {
        "overridden": ["exam.grade_not_allowed"],
        "approval_document": DOCUMENT,
    }
    unknown = await world.put_exam("unknown", kind="league_table", approval_document=DOCUMENT)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "exam.kind_unknown")


async def test_sealing_with_a_gap_is_logged_with_its_reason_and_counts(world: World) -> None:
    await world.open_exam()
    for school in list(SCHOOLS)[1:]:
        await world.send(school)
    await world.check_and_confirm()
    assert (await world.seal(reason="该校停电，已报备")).status_code == 200
    detail = await audited(world, "exam.sealed", "mock")
    counted = detail["completeness"]
    assert (detail["reason"], counted["schools_received"], counted["unaccounted"]) == ("该校停电，已报备", 5, 12)
    confirmed = await audited(world, "mark_sheet.confirmed", "mock")
    assert confirmed["school_code"] in SCHOOLS
