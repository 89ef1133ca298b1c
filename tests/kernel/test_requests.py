"""One request, one transaction: what callers of any service can rely on."""

from typing import Any

import httpx
import pytest

from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
CITY = bearer(actor("city_admin", "99/9900/"))
SCHOOL = bearer(actor("school_operator", "99/9900/990001/2199000001/"))
OTHER_SCHOOL = bearer(actor("school_operator", "99/9900/990001/2199000002/"))


def body(code: str, text: str = "hello", org: str = "99/9900/990001/2199000001/") -> dict[str, str]:
    return {"code": code, "text": text, "org_path": org}


async def test_a_created_row_is_there_and_audited_in_the_feed(sample: httpx.AsyncClient) -> None:
    created = await sample.post("/notes", json=body("a"), headers=CITY)
    assert created.status_code == 201, created.text
    read = await sample.get("/notes/a", headers=SCHOOL)
    assert read.json() == created.json()
    feed = (await sample.get("/notes/changes/feed", headers=SCHOOL)).json()
    assert feed["items"] == [{"key": {"code": "a"}, "operation": "upserted"}]
    again = (await sample.get("/notes/changes/feed", headers=SCHOOL, params={"after": feed["next"]})).json()
    assert again == {"items": [], "next": feed["next"]}


async def test_a_refusal_leaves_nothing_behind(sample: httpx.AsyncClient) -> None:
    refused = await sample.post("/notes", json=body("a", "fail after writing"), headers=CITY)
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await sample.get("/notes/a", headers=CITY)).status_code == 404


async def test_an_unexpected_failure_is_a_problem_without_our_insides(sample: httpx.AsyncClient) -> None:
    broken = await sample.post("/notes", json=body("a", "break"), headers={**CITY, "Accept-Language": "en"})
    assert broken.status_code == 500
    assert "G1101" not in broken.text
    assert broken.json()["title"] == "Internal error"
    assert broken.json()["trace_id"] == broken.headers["x-request-id"]


async def test_a_failing_commit_never_answers_2xx(sample: httpx.AsyncClient) -> None:
    # The constraint is checked when the transaction flushes its last writes, after the endpoint has returned.
    await sample.post("/notes", json=body("a"), headers=CITY)
    doubled = await sample.post("/notes", json=body("a"), headers=CITY)
    assert doubled.status_code == 409
    assert doubled.json()["code"] == "resource.conflict"


async def test_text_that_the_database_cannot_keep_is_refused(sample: httpx.AsyncClient) -> None:
    for answer in (
        await sample.post("/notes", json=body("a", "nothing\x00here"), headers=CITY),
        await sample.get("/notes/a%00b", headers=CITY),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "request.text_not_kept")


async def test_who_hangs_up_while_sending_is_no_failure_of_ours(sample: httpx.AsyncClient, capsys: Any) -> None:
    app = sample._transport.app  # type: ignore[attr-defined]
    messages = iter([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"idempotency-key", b"cut"), (b"authorization", CITY["Authorization"].encode())]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/sample/notes", "query_string": b"", "headers": headers}
    await app(
        {**scope, "http_version": "1.1", "scheme": "http", "server": ("test", 80), "root_path": ""}, receive, send
    )
    assert sent[0]["status"] == 499
    assert "request.failed" not in capsys.readouterr().out


async def test_every_fault_is_listed_in_the_callers_language(sample: httpx.AsyncClient) -> None:
    answer = await sample.post("/notes", json={"code": "x" * 30, "Text": "?"}, headers=CITY)
    assert answer.status_code == 422
    faults = {(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]}
    assert faults == {
        ("/code", "field.text_too_long"),
        ("/text", "field.missing"),
        ("/org_path", "field.missing"),
        ("/Text", "field.unknown"),
    }
    assert answer.headers["content-language"] == "zh-CN"


async def test_other_organizations_rows_do_not_exist(sample: httpx.AsyncClient) -> None:
    await sample.post("/notes", json=body("a"), headers=CITY)
    assert (await sample.get("/notes/a", headers=OTHER_SCHOOL)).status_code == 404
    assert (await sample.get("/notes", headers=OTHER_SCHOOL)).json()["items"] == []
    # Row-level security stands beneath the repository: a write outside the own subtree is refused by the database.
    foreign = await sample.post("/notes", json=body("b"), headers=OTHER_SCHOOL)
    assert foreign.status_code == 403


async def test_tokens(sample: httpx.AsyncClient) -> None:
    assert (await sample.get("/notes")).json()["code"] == "auth.token_missing"
    forged = await sample.get("/notes", headers={"Authorization": "Bearer a.b.c"})
    assert (forged.status_code, forged.json()["code"]) == (401, "auth.token_invalid")
    reader = bearer(actor("province_reader", "99/"))
    assert (await sample.post("/notes", json=body("a"), headers=reader)).status_code == 403
    narrow = bearer(actor("integration", "99/", scopes=("sample.read",)))
    assert (await sample.post("/notes", json=body("a"), headers=narrow)).status_code == 403
    assert (await sample.get("/notes", headers=narrow)).status_code == 200


async def test_pages_run_to_the_end_and_cursors_keep_their_filters(sample: httpx.AsyncClient) -> None:
    codes = [f"n{number:02d}" for number in range(25)]
    for code in codes:
        await sample.post("/notes", json=body(code), headers=CITY)
    seen, cursor = [], None
    while True:
        page = (await sample.get("/notes", headers=CITY, params={"page_size": 10, "cursor": cursor or None})).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == codes
    first = (await sample.get("/notes", headers=CITY, params={"page_size": 10})).json()
    moved = await sample.get("/notes", headers=CITY, params={"cursor": first["next_cursor"], "text": "hello"})
    assert (moved.status_code, moved.json()["code"]) == (400, "request.cursor_invalid")
    assert (await sample.get("/notes", headers=CITY, params={"cursor": "nonsense"})).status_code == 400


async def test_edits_are_held_to_the_version_they_saw(sample: httpx.AsyncClient) -> None:
    await sample.post("/notes", json=body("a"), headers=CITY)
    tag = (await sample.get("/notes/a", headers=CITY)).headers["etag"]
    assert (await sample.get("/notes/a", headers={**CITY, "If-None-Match": tag})).status_code == 304
    assert (await sample.put("/notes/a", json=body("a", "1"), headers=CITY)).status_code == 428
    assert (await sample.put("/notes/a", json=body("a", "1"), headers={**CITY, "If-Match": tag})).status_code == 200
    assert (await sample.put("/notes/a", json=body("a", "2"), headers={**CITY, "If-Match": tag})).status_code == 412


async def test_uploads_are_spooled_and_limited(sample: httpx.AsyncClient) -> None:
    headers = {**CITY, "Content-Type": "text/csv"}
    answer = await sample.post("/notes/upload", content=b"a,b\n1,2\n", headers=headers)
    assert answer.json()["size"] == 8
    other = await sample.post("/notes/upload", content=b"a", headers={**CITY, "Content-Type": "image/png"})
    assert other.status_code == 415


async def test_request_ids_come_back(sample: httpx.AsyncClient) -> None:
    assert (await sample.get("/notes", headers={**CITY, "X-Request-ID": "abc-1"})).headers["x-request-id"] == "abc-1"
    replaced = await sample.get("/notes", headers={**CITY, "X-Request-ID": "a b"})
    assert replaced.headers["x-request-id"] != "a b"


async def test_a_misspelt_parameter_is_refused_by_name(sample: httpx.AsyncClient) -> None:
    refused = await sample.get("/notes", headers=CITY, params={"Page_size": 10, "page_size": 10})
    faults = [(fault["pointer"], fault["allowed"]) for fault in refused.json()["errors"]]
    assert (refused.status_code, faults) == (422, [("query:Page_size", "cursor, page_size, text")])
