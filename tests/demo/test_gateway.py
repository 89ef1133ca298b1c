"""The vendor's side of the contract: discovery, tokens that are renewed, patience, problems in words, jobs, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from demo.access import Credentials
from demo.errors import DemoError
from demo.gateway import ATTEMPTS, Gateway, Session
from demo.problems import RefusedError

VENDOR = Credentials("vendor", "a secret", is_person=False)
DISCOVERY = {
    "token_endpoint": "/oauth/token",
    "documentation": "/docs",
    "services": [{"name": "roster", "base": "/api/v1/roster"}],
}
Answer = Callable[[httpx.Request], httpx.Response]


class Platform:
    """Answers as the platform does; keeps what it was asked."""

    def __init__(self, answer: Answer, *, lifetime: int = 900) -> None:
        self.answer = answer
        self.lifetime = lifetime
        self.requests: list[httpx.Request] = []
        self.tokens = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api":
            return httpx.Response(200, json=DISCOVERY)
        if request.url.path == "/oauth/token":
            self.tokens += 1
            body = {"access_token": f"token-{self.tokens}", "expires_in": self.lifetime, "scope": "roster.read"}
            return httpx.Response(200, json=body)
        self.requests.append(request)
        return self.answer(request)


@contextmanager
def talking(platform: Platform) -> Iterator[tuple[Session, list[float]]]:
    waits: list[float] = []
    with Gateway("http://127.0.0.1:1", transport=httpx.MockTransport(platform), sleep=waits.append) as gateway:
        yield Session(gateway, VENDOR), waits


def scripted(*answers: httpx.Response | Exception) -> Answer:
    left = iter(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return answer


def problem(status: int, code: str, **members: Any) -> httpx.Response:
    document = {"type": f"/problems/{code}", "title": "标题", "detail": "说明。", "code": code, **members}
    return httpx.Response(status, json=document)


def test_one_token_serves_until_it_nears_its_end() -> None:
    platform = Platform(lambda _: httpx.Response(200, json={}))
    with talking(platform) as (session, _):
        session.read("/a")
        session.read("/b")
        assert platform.tokens == 1
        session._renew_at = 0.0
        session.read("/c")
    assert [request.headers["authorization"] for request in platform.requests] == [
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_a_revoked_token_is_replaced_once() -> None:
    platform = Platform(scripted(problem(401, "auth.token_invalid"), httpx.Response(200, json={"is": "well"})))
    with talking(platform) as (session, _):
        assert session.read("/a") == {"is": "well"}
    assert platform.tokens == 2


def test_a_post_keeps_its_idempotency_key_through_every_repetition() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "3"})
    lost = httpx.ReadTimeout("lost")
    running = problem(409, "idempotency.in_progress")
    platform = Platform(scripted(busy, lost, running, httpx.Response(207, json={})))
    with talking(platform) as (session, waits):
        assert session.request("POST", "/a", json={}).status_code == 207
        session.gateway.sleep(0)
    keys = {request.headers["idempotency-key"] for request in platform.requests}
    assert (len(platform.requests), len(keys)) == (4, 1)
    assert waits[0] == 3.0
    assert waits[1] > waits[0]


def test_two_posts_have_two_keys() -> None:
    platform = Platform(lambda _: httpx.Response(200, json={}))
    with talking(platform) as (session, _):
        session.request("POST", "/a")
        session.request("POST", "/a")
    assert len({request.headers["idempotency-key"] for request in platform.requests}) == 2


def test_a_conflict_that_is_no_repetition_is_a_refusal_at_once() -> None:
    platform = Platform(scripted(problem(409, "exam.not_collecting")))
    with talking(platform) as (session, waits), pytest.raises(RefusedError) as raised:
        session.request("PUT", "/a")
    assert (raised.value.status, raised.value.code, waits) == (409, "exam.not_collecting", [])


def test_a_refusal_says_everything_in_words() -> None:
    faults = [{"row": 2, "column": "arithmetic", "code": "mark.above_full_mark", "detail": "分数超过满分 30。"}]
    platform = Platform(scripted(problem(422, "mark_sheet.faulty", errors=faults, remedy="更正。", trace_id="t-1")))
    with talking(platform) as (session, _), pytest.raises(RefusedError) as raised:
        session.request("PUT", "/a")
    for words in ("PUT /a → 422", "标题", "行 row 2 arithmetic", "分数超过满分 30。", "更正。", "t-1"):
        assert words in raised.value.zh


def test_a_refusal_that_is_no_problem_document_is_shown_all_the_same() -> None:
    platform = Platform(scripted(httpx.Response(500, text="<html>broken</html>")))
    with talking(platform) as (session, _), pytest.raises(RefusedError, match="500") as raised:
        session.read("/a")
    assert "broken" in raised.value.zh


def test_an_unreachable_gateway_is_given_up_after_some_attempts() -> None:
    platform = Platform(scripted(*(httpx.ConnectError("no") for _ in range(ATTEMPTS))))
    with talking(platform) as (session, waits), pytest.raises(DemoError, match=f"{ATTEMPTS} times"):
        session.read("/a")
    assert len(waits) == ATTEMPTS - 1


def test_a_refused_token_request_shows_the_oauth_error() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api":
            return httpx.Response(200, json=DISCOVERY)
        return httpx.Response(401, json={"error": "invalid_client", "error_description": "unknown client"})

    with Gateway("http://127.0.0.1:1", transport=httpx.MockTransport(answer)) as gateway:
        with pytest.raises(RefusedError) as raised:
            Session(gateway, VENDOR).token()
        assert "invalid_client: unknown client" in raised.value.zh


def test_a_job_is_followed_to_its_end_at_the_pace_asked_for() -> None:
    def job(state: str, done: int) -> httpx.Response:
        document = {"id": "j", "kind": "analyze", "state": state, "progress": {"done": done, "total": 4, "step": "s"}}
        return httpx.Response(200, json=document, headers={"Retry-After": "2"})

    accepted = httpx.Response(202, headers={"Location": "/api/v1/monitoring/jobs/j"})
    platform = Platform(scripted(accepted, job("queued", 0), job("running", 2), job("succeeded", 4)))
    seen: list[tuple[int, int, str | None]] = []
    with talking(platform) as (session, waits):
        answer = session.request("POST", "/x:analyze")
        done = session.finished_job(answer, on_progress=lambda *progress: seen.append(progress))
    assert done["state"] == "succeeded"
    assert (seen, waits) == ([(0, 4, "s"), (2, 4, "s"), (4, 4, "s")], [2.0, 2.0])
    assert platform.requests[-1].url.path == "/api/v1/monitoring/jobs/j"


def test_a_failed_job_ends_with_its_problem() -> None:
    failed = {
        "kind": "import",
        "state": "failed",
        "progress": {"done": 0, "total": 0, "step": None},
        "problem": {"title": "文件损坏", "detail": "不完整。"},
    }
    platform = Platform(scripted(httpx.Response(202, headers={"Location": "/j"}), httpx.Response(200, json=failed)))
    with talking(platform) as (session, _):
        answer = session.request("POST", "/x")
        with pytest.raises(DemoError) as raised:
            session.finished_job(answer, on_progress=lambda *_: None)
    assert "文件损坏" in raised.value.zh


def test_pages_are_read_to_the_last() -> None:
    platform = Platform(
        scripted(
            httpx.Response(200, json={"items": [{"n": 1}, {"n": 2}], "next_cursor": "c"}),
            httpx.Response(200, json={"items": [{"n": 3}], "next_cursor": None}),
        )
    )
    with talking(platform) as (session, _):
        assert [item["n"] for item in session.pages("/a", county_code="520502")] == [1, 2, 3]
    assert platform.requests[1].url.params["cursor"] == "c"
    assert platform.requests[1].url.params["county_code"] == "520502"
