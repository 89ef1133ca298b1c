"""``:batch``: an outcome for every row, all or row by row, dry or for good."""

import asyncio
import hashlib
import json

import pytest

from shared.kernel.receipt import receipt_holds
from shared.kernel.settings import ServiceSettings
from tests.services.roster.senders import SCHOOL_A, SCHOOL_B, Sender, enrollment, pupil, pupil_number

pytestmark = pytest.mark.anyio
BAD = {**pupil(3), "sex": "2"}


async def count(sender: Sender) -> int:
    return len((await sender.get("/students")).json()["items"])


async def test_all_or_nothing_is_the_default(city: Sender) -> None:
    answer = await city.batch("students", [pupil(1), BAD])
    assert (answer.status_code, answer.json()["code"], answer.json()["error_count"]) == (422, "import.refused", 1)
    assert await count(city) == 0


async def test_row_by_row_stores_the_sound_rows(city: Sender) -> None:
    answer = await city.batch("students", [pupil(1), BAD, pupil(2)], atomic="row")
    assert answer.status_code == 207
    assert [item["status"] for item in answer.json()["items"]] == ["created", "refused", "created"]
    (error,) = answer.json()["items"][1]["errors"]
    assert (error["pointer"], error["code"]) == ("/items/1/sex", "roster.identity_sex_differs")
    assert await count(city) == 2


async def test_a_dry_run_says_what_would_happen_and_does_not(city: Sender) -> None:
    await city.batch("students", [pupil(1)])
    cursor = (await city.get("/changes")).json()["next_after"]
    answer = await city.batch("students", [pupil(1), pupil(2), BAD], atomic="row", dry_run=True)
    assert [item["status"] for item in answer.json()["items"]] == ["unchanged", "created", "refused"]
    whole = await city.batch("students", [pupil(1), pupil(2), BAD], dry_run=True)
    assert whole.status_code == 207
    assert [item["status"] for item in whole.json()["items"]] == ["skipped", "skipped", "refused"]
    assert await count(city) == 1
    assert (await city.get("/changes", after=cursor)).json()["items"] == []


async def test_the_receipt_proves_what_was_received(city: Sender, roster_settings: ServiceSettings) -> None:
    body = json.dumps({"items": [pupil(1)]}).encode()
    headers = {**city.headers, "Content-Type": "application/json"}
    receipt = (await city.client.post("/students:batch", content=body, headers=headers)).json()["receipt"]
    key = roster_settings.key("receipt_key")
    assert receipt_holds(receipt, key)
    assert not receipt_holds({**receipt, "counts": {}}, key)
    assert receipt["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert (receipt["outcome"], receipt["counts"]["created"]) == ("applied", 1)


async def test_an_idempotency_key_replays_the_answer(city: Sender) -> None:
    headers = {**city.headers, "Idempotency-Key": "k-1"}
    first = await city.client.post("/students:batch", json={"items": [pupil(1)]}, headers=headers)
    again = await city.client.post("/students:batch", json={"items": [pupil(1)]}, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


async def test_lines_of_json(city: Sender) -> None:
    lines = [json.dumps(pupil(1)), "", "{broken", "[1]", json.dumps({**pupil(2), "shoe_size": 1})]
    headers = {**city.headers, "Content-Type": "application/x-ndjson"}
    answer = await city.client.post(
        "/students:batch", content="\n".join(lines).encode(), headers=headers, params={"atomic": "row"}
    )
    found = [
        (item["row"], item["status"], [error["code"] for error in item["errors"]]) for item in answer.json()["items"]
    ]
    assert found == [
        (1, "created", []),
        (3, "refused", ["row.malformed_json"]),
        (4, "refused", ["row.not_an_object"]),
        (5, "refused", ["field.unknown"]),
    ]


BODIES: list[tuple[bytes, str, int, str]] = [
    (b"{", "application/json", 400, "request.malformed"),
    (b"[]", "application/json", 422, "request.invalid"),
    (b'{"items": 1}', "application/json", 422, "request.invalid"),
    (b'{"items": [], "mode": 1}', "application/json", 422, "request.invalid"),
    (b'{"items": ' + b"[" * 100_000, "application/json", 400, "request.malformed"),
    (b"a,b", "text/csv", 415, "request.unsupported_media"),
    (b"x", "text/plain", 415, "request.unsupported_media"),
]


async def test_bodies_that_are_no_batch(city: Sender) -> None:
    for body, media_type, status, code in BODIES:
        headers = {**city.headers, "Content-Type": media_type}
        answer = await city.client.post("/students:batch", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), body[:20]
    odd = await city.batch("students", [1, None, "x"], atomic="row")  # type: ignore[list-item]
    assert [item["errors"][0]["code"] for item in odd.json()["items"]] == ["row.not_an_object"] * 3


async def test_the_same_pupil_twice(city: Sender) -> None:
    answer = await city.batch("students", [pupil(1), pupil(2), pupil(1, name="王改名")])
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/items/2", "row.duplicate")
    assert pupil_number(1) not in answer.text


async def test_an_empty_batch_is_no_fault(city: Sender) -> None:
    answer = await city.batch("students", [])
    assert (answer.status_code, answer.json()["items"]) == (207, [])


async def test_writers_of_the_same_rows_take_turns(city: Sender) -> None:
    rows = [pupil(serial) for serial in range(100)]
    answers = await asyncio.gather(*(city.batch("students", rows[:: (-1) ** turn]) for turn in range(4)))
    assert [answer.status_code for answer in answers] == [207] * 4
    assert sum(answer.json()["counts"]["created"] for answer in answers) == 100
    stays = [
        [enrollment(serial, school_code) for serial in range(100)] for school_code in (SCHOOL_A, SCHOOL_B, SCHOOL_A)
    ]
    answers = await asyncio.gather(*(city.batch("enrollments", items) for items in stays))
    assert [answer.status_code for answer in answers] == [207] * 3
    listed = (await city.get("/enrollments", status="enrolled", page_size=1_000)).json()["items"]
    assert len(listed) == 100
    assert len({item["school_code"] for item in listed}) == 1
