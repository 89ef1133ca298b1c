"""Idempotency-Key: one effect, one answer."""

import asyncio

import httpx
import pytest

from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
CITY = bearer(actor("city_admin", "99/9900/"))
OTHER = bearer(actor("city_admin", "99/9900/", subject="another"))


def body(code: str) -> dict[str, str]:
    return {"code": code, "text": "hello", "org_path": "99/9900/"}


def keyed(key: str, who: dict[str, str] = CITY) -> dict[str, str]:
    return {**who, "Idempotency-Key": key}


async def test_the_same_request_gets_the_first_answer(sample: httpx.AsyncClient) -> None:
    first = await sample.post("/notes", json=body("a"), headers=keyed("k1"))
    again = await sample.post("/notes", json=body("a"), headers=keyed("k1"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await sample.get("/notes", headers=CITY)).json()["items"]) == 1


async def test_another_body_under_the_same_key_is_refused(sample: httpx.AsyncClient) -> None:
    await sample.post("/notes", json=body("a"), headers=keyed("k1"))
    other = await sample.post("/notes", json=body("b"), headers=keyed("k1"))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert (await sample.get("/notes/b", headers=CITY)).status_code == 404


async def test_keys_belong_to_their_client(sample: httpx.AsyncClient) -> None:
    await sample.post("/notes", json=body("a"), headers=keyed("k1"))
    assert (await sample.post("/notes", json=body("b"), headers=keyed("k1", OTHER))).status_code == 201


async def test_sixty_at_once_have_one_effect(sample: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(sample.post("/notes", json=body("a"), headers=keyed("k1")) for _ in range(60)), return_exceptions=False
    )
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {201, 409}
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency.in_progress"}
    assert len((await sample.get("/notes", headers=CITY)).json()["items"]) == 1


async def test_a_refusal_is_not_kept(sample: httpx.AsyncClient) -> None:
    failing = {**body("a"), "text": "fail after writing"}
    assert (await sample.post("/notes", json=failing, headers=keyed("k1"))).status_code == 409
    assert (await sample.post("/notes", json=body("a"), headers=keyed("k1"))).status_code == 201


async def test_uploads_are_told_apart_by_their_content(sample: httpx.AsyncClient) -> None:
    headers = {**keyed("k1"), "Content-Type": "text/csv"}
    first = await sample.post("/notes/upload", content=b"a\n1\n", headers=headers)
    assert (await sample.post("/notes/upload", content=b"a\n1\n", headers=headers)).json() == first.json()
    assert (await sample.post("/notes/upload", content=b"a\n2\n", headers=headers)).status_code == 422


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
async def test_a_key_that_is_none_is_refused(sample: httpx.AsyncClient, key: str) -> None:
    answer = await sample.post("/notes", json=body("a"), headers=keyed(key))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency.key_invalid")
