"""Sign-offs over HTTP: in order, each once, for the content that was seen; a changed content begins anew."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.terms.actor import Actor
from tests.kits.office import Office, Time

pytestmark = pytest.mark.anyio


async def asked(office: Office) -> dict[str, Any]:
    """Asks for signatures under report ``one``."""
    answer = await office.post("/reports/one/sign-offs", office.school)
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


async def act(office: Office, sign_off: dict[str, Any], action: str, who: Actor, **more: Any) -> Any:
    """Signs or declines; returns the answer."""
    body = {"content_sha256": sign_off["content_sha256"]} | more
    return await office.post(f"/reports/one/sign-offs/{sign_off['id']}:{action}", who, body)


async def change_score(office: Office, score: int) -> None:
    body = {"code": "one", "org_path": office.school.org, "score": score}
    assert (await office.put("/reports/one", office.school, body)).status_code == 200


async def test_all_sign_in_their_order(office: Office, time: Time) -> None:
    sign_off = await asked(office)
    assert (sign_off["next_position"], sign_off["is_your_turn"]) == ("clerk", False)
    assert sign_off["due_at"] == "2026-12-02T16:00:00Z"
    early = await act(office, sign_off, "sign", office.school)
    assert (early.status_code, early.json()["code"]) == (403, "sign_off.not_your_turn")
    time.move(days=1)
    first = (await act(office, sign_off, "sign", office.colleague)).json()
    assert (first["state"], first["next_position"], first["due_at"]) == (
        "requested",
        "principal",
        "2026-12-03T16:00:00Z",
    )
    last = (await act(office, sign_off, "sign", office.school)).json()
    assert (last["state"], last["next_position"], last["due_at"]) == ("signed", None, None)
    assert [s["position"] for s in last["signatures"]] == ["clerk", "principal"]
    assert [r["detail"]["position"] for r in await office.audited("sign_off.signed")] == ["clerk", "principal"]
    again = await office.post("/reports/one/sign-offs", office.school)
    assert again.json()["code"] == "sign_off.standing"
    assert (await act(office, sign_off, "sign", office.school)).json()["code"] == "workflow.not_allowed"


async def test_what_was_not_seen_is_not_signed_and_a_change_begins_anew(office: Office, time: Time) -> None:
    sign_off = await asked(office)
    await act(office, sign_off, "sign", office.colleague)
    await change_score(office, 70)
    stale = await act(office, sign_off, "sign", office.school)
    assert (stale.status_code, stale.json()["code"]) == (409, "sign_off.content_changed")
    other = await act(office, sign_off, "sign", office.school, content_sha256="0" * 64)
    assert other.json()["code"] == "sign_off.content_changed"
    anew = await asked(office)
    assert (anew["next_position"], anew["content_sha256"] != sign_off["content_sha256"]) == ("clerk", True)
    listed = (await office.get("/reports/one/sign-offs", office.county)).json()["items"]
    assert sorted(item["state"] for item in listed) == ["requested", "reset"]


async def test_declining_ends_it_with_a_reason(office: Office, time: Time) -> None:
    sign_off = await asked(office)
    bare = await act(office, sign_off, "decline", office.colleague)
    assert bare.status_code == 422
    declined = (await act(office, sign_off, "decline", office.colleague, reason="实验室数与台账不符")).json()
    assert (declined["state"], declined["ended_reason"]) == ("declined", "实验室数与台账不符")
    # Declined, it may be asked for again.
    assert (await asked(office))["state"] == "requested"


async def test_a_request_is_taken_back(office: Office, time: Time) -> None:
    sign_off = await asked(office)
    address = f"/reports/one/sign-offs/{sign_off['id']}"
    back = await office.post(f"{address}:cancel", office.school, {"reason": "材料尚未补齐"})
    assert back.json()["state"] == "cancelled"
    assert (await office.get(address, office.other_school)).status_code == 404


async def test_signatures_are_final(office: Office, time: Time) -> None:
    sign_off = await asked(office)
    await act(office, sign_off, "sign", office.colleague)
    for statement in ("update signatures set signed_by = 'x'", "delete from signatures"):
        with pytest.raises(DBAPIError, match="is final"):
            async with office.kernel.database.transaction("") as session:
                await session.execute(text(statement))
