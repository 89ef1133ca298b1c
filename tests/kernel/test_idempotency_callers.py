"""Idempotency keys belong to the caller, not to the client that several people log in through."""

import dataclasses

import httpx
import pytest

from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
FIRST = actor("city_admin", "99/9900/", subject="first")
SECOND = dataclasses.replace(FIRST, subject="second")


async def test_two_people_behind_one_client_never_get_each_others_answer(sample: httpx.AsyncClient) -> None:
    def body(code: str) -> dict[str, str]:
        return {"code": code, "text": "t", "org_path": "99/9900/"}

    key = {"Idempotency-Key": "same"}
    first = await sample.post("/notes", json=body("a"), headers={**bearer(FIRST), **key})
    again = await sample.post("/notes", json=body("a"), headers={**bearer(FIRST), **key})
    other = await sample.post("/notes", json=body("b"), headers={**bearer(SECOND), **key})
    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (201, "b")
    assert "idempotency-replayed" not in other.headers
