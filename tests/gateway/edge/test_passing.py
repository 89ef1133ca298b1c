"""What passes through the edge, in both topologies, over real sockets."""

import hashlib
import json
from collections.abc import Iterator

import pytest

from tests.gateway.support.running import Server, until

ECHO = "/api/v1/sample/echo"


def test_method_path_query_and_headers_arrive(edge: Server) -> None:
    answer = edge.ask("GET", f"{ECHO}/a%20b/%E6%AF%95?x=1&y=%2F", headers={"X-Custom": "kept", "If-Match": '"3"'})
    seen = answer.json()
    assert (answer.status, seen["method"], seen["query"]) == (200, "GET", "x=1&y=%2F")
    assert seen["raw_path"] == f"{ECHO}/a%20b/%E6%AF%95"
    assert seen["path"] == f"{ECHO}/a b/毕"
    headers = dict(seen["headers"])
    assert headers["x-custom"] == "kept"
    assert headers["if-match"] == '"3"'
    assert headers["authorization"] == f"Bearer {edge.token}"


def test_claims_about_who_is_asking_are_taken_out(edge: Server) -> None:
    forged = {
        "X-User": "root",
        "X-Remote-User": "root",
        "X-Forwarded-For": "10.9.9.9",
        "X-Forwarded-User": "root",
        "Forwarded": "for=10.9.9.9",
        "X-Real-IP": "10.9.9.9",
        "X-Client-Id": "province",
        "X-Org": "52/",
        "X-Roles": "city_admin",
        "X_Org": "52/",
        "X-HTTP-Method-Override": "DELETE",
        "Connection": "close, X-Custom",
        "X-Custom": "named by connection",
        "TE": "trailers",
    }
    seen = edge.ask("GET", ECHO, headers=forged).json()
    names = {name for name, _ in seen["headers"]}
    assert not names & ({name.lower() for name in forged} - {"x-forwarded-for", "connection"})
    assert "10.9.9.9" not in json.dumps(seen)
    assert seen["client"] == "127.0.0.1"


def test_connection_cannot_strip_the_authorization(edge: Server) -> None:
    seen = edge.ask("GET", ECHO, headers={"Connection": "close, Authorization"}).json()
    assert dict(seen["headers"])["authorization"] == f"Bearer {edge.token}"


def test_a_trusted_proxy_is_believed(run_edge: object, sample: Server) -> None:
    with run_edge(  # type: ignore[operator]
        {"sample": f"http://127.0.0.1:{sample.port}", "inside": "memory"}, trusted_proxies=["127.0.0.0/8"]
    ) as edge:
        headers = {
            "X-Forwarded-For": "6.6.6.6, 203.0.113.7, 127.0.0.9",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "data.example",
        }
        seen = dict(edge.ask("GET", ECHO, headers=headers).json()["headers"])
        assert seen["x-forwarded-for"] == "203.0.113.7"
        assert seen["x-forwarded-proto"] == "https"
        assert seen["x-forwarded-host"] == "data.example"


def test_answers_lose_what_is_not_meant_for_callers(edge: Server) -> None:
    headers = edge.ask("GET", ECHO).headers
    assert headers.get("server") != "secret/1.0"
    assert "x-hop" not in headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_services_own_cache_rule_stands(edge: Server) -> None:
    assert edge.ask("GET", "/api/v1/sample/cached").headers["cache-control"] == "private, max-age=5"


def test_empty_answers_and_head(edge: Server) -> None:
    answer = edge.ask("DELETE", "/api/v1/sample/nothing")
    assert (answer.status, answer.body, answer.headers["etag"]) == (204, b"", '"1"')
    head = edge.ask("HEAD", ECHO)
    assert (head.status, head.body) == (200, b"")


def test_request_ids_and_trace_contexts_make_the_round_trip(edge: Server) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    answer = edge.ask("GET", ECHO, headers={"X-Request-ID": "abc-123", "traceparent": trace})
    seen = dict(answer.json()["headers"])
    assert answer.headers["x-request-id"] == seen["x-request-id"] == "abc-123"
    assert answer.headers["traceparent"] == seen["traceparent"] == trace
    for insane in ("with space", "x" * 129, "é"):
        answer = edge.ask("GET", ECHO, headers={"X-Request-ID": insane, "traceparent": "rubbish"})
        made = answer.headers["x-request-id"]
        assert len(made) == 36
        assert dict(answer.json()["headers"])["x-request-id"] == made
        assert "traceparent" not in answer.headers


def blocks(count: int) -> Iterator[bytes]:
    return (bytes([number % 251]) * (1 << 16) for number in range(count))


@pytest.mark.parametrize("sized", [True, False])
def test_a_large_body_streams_up_in_constant_memory(edge: Server, *, sized: bool) -> None:
    count = 2048  # 128 MiB
    edge.ask("POST", "/api/v1/sample/imports", body=b"warm")
    before = edge.resident_bytes()
    headers = {"Content-Length": str(count << 16)} if sized else {"Transfer-Encoding": "chunked"}
    answer = edge.ask("POST", "/api/v1/sample/imports", body=blocks(count), headers=headers, timeout=60)
    expected = hashlib.sha256()
    for block in blocks(count):
        expected.update(block)
    assert answer.json() == {"size": count << 16, "sha256": expected.hexdigest()}
    assert edge.resident_bytes() - before < 48 << 20


@pytest.mark.parametrize("query", ["", "&sized"])
def test_a_large_answer_streams_down_in_constant_memory(edge: Server, query: str) -> None:
    size = 128 << 20
    edge.ask("GET", "/api/v1/sample/stream?bytes=1000")
    before = edge.resident_bytes()
    answer = edge.ask("GET", f"/api/v1/sample/stream?bytes={size}{query}", timeout=60)
    assert len(answer.body) == size
    assert edge.resident_bytes() - before < 48 << 20


def test_expect_continue(edge: Server) -> None:
    with edge.connect() as raw:
        head = (
            f"POST /api/v1/sample/size HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {edge.token}\r\n"
            "Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 100 Continue")
        raw.sendall(b"hello")
        received = b""
        while chunk := raw.recv(4096):
            received += chunk
    assert b'"size": 5' in received


def test_a_caller_that_leaves_ends_the_services_work(edge: Server) -> None:
    before = edge.stats()["disconnects"]
    with edge.connect() as raw:
        raw.sendall(
            f"GET /api/v1/sample/endless HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {edge.token}\r\n\r\n".encode()
        )
        raw.recv(100)
    assert until(lambda: edge.stats()["disconnects"] == before + 1)


def test_a_caller_that_leaves_before_the_answer_ends_the_services_work(edge: Server) -> None:
    before = edge.stats()["disconnects"]
    with edge.connect() as raw:
        head = "GET /api/v1/sample/slow?seconds=0.9 HTTP/1.1\r\nHost: x\r\n"
        raw.sendall(f"{head}Authorization: Bearer {edge.token}\r\n\r\n".encode())
        assert until(lambda: edge.stats()["requests"] > 0)
    assert until(lambda: edge.stats()["disconnects"] == before + 1, seconds=0.8)


@pytest.mark.parametrize("framing", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_a_body_cut_off_never_looks_complete(edge: Server, framing: str) -> None:
    before = edge.stats()["cut_bodies"]
    with edge.connect() as raw:
        head = (
            f"POST /api/v1/sample/size HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {edge.token}\r\n{framing}\r\n\r\n"
        )
        raw.sendall(head.encode() + b"400\r\n" + b"x" * 1024 + b"\r\n")
    assert until(lambda: edge.stats()["cut_bodies"] == before + 1)
