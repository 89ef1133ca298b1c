"""Callers that mean harm, or are merely broken: bodies too large or too slow, headers without end, smuggling."""

import http.client
import json
import socket
import time
from collections.abc import Callable

import pytest

from tests.gateway.support.running import Server, until

Send = Callable[[str, bytes], bytes]


def head(edge: Server, *lines: str, path: str = "/api/v1/sample/size", method: str = "POST") -> bytes:
    fixed = [f"{method} {path} HTTP/1.1", "Host: edge", f"Authorization: Bearer {edge.token}"]
    return "\r\n".join([*fixed, *lines, "", ""]).encode()


def received(raw: socket.socket) -> bytes:
    found = b""
    try:
        while chunk := raw.recv(65536):
            found += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return found


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def code_of(answer: bytes) -> str:
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["code"])


def test_a_declared_two_gigabytes_are_refused_unread(edge: Server) -> None:
    before = edge.stats()["requests"]
    with edge.connect() as raw:
        raw.sendall(head(edge, "Content-Length: 2147483648"))
        # Not a byte of the body is sent: an answer at all is one that did not wait for it.
        raw.settimeout(10)
        first = raw.recv(4096)
    assert status_of(first) == 413
    assert b"connection: close" in first
    assert edge.stats()["requests"] == before


def test_an_endless_chunked_body_is_cut_off(edge: Server) -> None:
    sent = 0
    with edge.connect() as raw:
        raw.sendall(head(edge, "Transfer-Encoding: chunked"))
        block = b"10000\r\n" + bytes(65536) + b"\r\n"
        raw.settimeout(5)
        try:
            for _ in range(4096):
                raw.sendall(block)
                sent += 65536
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            pass
        answer = received(raw)
    assert sent < 64 << 20
    # The reset that ends a body nobody reads may destroy the answer on its way; it must not be anything else.
    assert answer == b"" or (status_of(answer), code_of(answer)) == (413, "request.too_large")


def test_a_chunked_body_over_the_limit_is_told_so(edge: Server) -> None:
    with edge.connect() as raw:
        raw.sendall(head(edge, "Transfer-Encoding: chunked"))
        for _ in range(40):
            raw.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
        raw.settimeout(3)
        answer = received(raw)
    assert (status_of(answer), code_of(answer)) == (413, "request.too_large")


def test_an_applications_late_reply_to_a_refused_body_is_dropped(edge: Server) -> None:
    with edge.connect() as raw:
        raw.sendall(head(edge, "Transfer-Encoding: chunked", path="/api/v1/sample/late"))
        for _ in range(40):
            raw.sendall(b"10000\r\n" + bytes(65536) + b"\r\n")
        raw.settimeout(3)
        answer = received(raw)
    assert answer.count(b"HTTP/1.1") == 1
    assert status_of(answer) == 413


def test_uploads_have_more_room(edge: Server) -> None:
    body = bytes(3 << 20)
    assert edge.ask("POST", "/api/v1/sample/imports", body=body).json()["size"] == len(body)
    assert edge.ask("POST", "/api/v1/sample/size", body=body).status == 413


@pytest.mark.parametrize("framing", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_a_body_that_stops_coming_is_408(edge: Server, framing: str) -> None:
    started = time.monotonic()
    with edge.connect() as raw:
        raw.sendall(head(edge, framing) + b"3\r\nabc\r\n")
        answer = received(raw)
    assert (status_of(answer), code_of(answer)) == (408, "gateway.body_slow")
    assert 0.6 < time.monotonic() - started < 4


def test_a_body_that_drips_is_408(edge: Server) -> None:
    started = time.monotonic()
    with edge.connect() as raw:
        raw.sendall(head(edge, "Content-Length: 100000"))
        raw.settimeout(0.3)
        answer = b""
        while not answer and time.monotonic() - started < 8:
            raw.sendall(b"x")
            try:
                answer = raw.recv(4096)
            except TimeoutError:
                continue
    assert status_of(answer) == 408
    assert time.monotonic() - started < 4


def test_half_sent_requests_do_not_hinder_others(edge: Server) -> None:
    held = [edge.connect() for _ in range(20)]
    try:
        for raw in held:
            raw.sendall(b"GET /api HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        started = time.monotonic()
        assert edge.ask("GET", "/api/v1/sample/echo").status == 200
        assert time.monotonic() - started < 1
    finally:
        for raw in held:
            raw.close()


@pytest.mark.slow
def test_half_sent_requests_are_closed_in_the_end(edge: Server) -> None:
    held = [edge.connect(timeout=40) for _ in range(300)]
    try:
        for raw in held:
            raw.sendall(b"GET /api HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert edge.ask("GET", "/api/v1/sample/echo").status == 200
        started = time.monotonic()
        for raw in held:
            received(raw)
        assert time.monotonic() - started < 30
    finally:
        for raw in held:
            raw.close()


def test_headers_without_end_are_refused(edge: Server) -> None:
    before = edge.resident_bytes()
    with edge.connect() as raw:
        raw.sendall(b"GET /api HTTP/1.1\r\nHost: x\r\n")
        try:
            for number in range(5000):
                raw.sendall(b"X-Much-%d: %s\r\n" % (number, b"y" * 1000))
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = received(raw)
    assert answer == b"" or status_of(answer) == 431
    assert edge.resident_bytes() - before < 16 << 20


# Smuggling: whatever the edge makes of a doubtful request, the service must see one request at most.

HIDDEN = b"GET /api/v1/sample/echo/hidden HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 6", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 6"),
        ("Content-Length: 6", "Content-Length: 5"),
        ("Content-Length: 5, 6",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("Content-Length: +6",),
        ("Content-Length: 0x6",),
    ],
)
def test_doubtful_framing(edge: Server, lines: tuple[str, ...]) -> None:
    before = edge.stats()["requests"]
    with edge.connect() as raw:
        raw.sendall(head(edge, *lines) + b"0\r\n\r\nX" + HIDDEN)
        raw.settimeout(1)
        answer = received(raw)
    assert answer.count(b"HTTP/1.1 200") <= 1
    assert b"hidden" not in answer
    assert edge.stats()["requests"] - before <= 1


def test_bare_line_feeds(edge: Server) -> None:
    before = edge.stats()["requests"]
    with edge.connect() as raw:
        request = head(edge, "Content-Length: 0\nX-Other: 1", method="POST")
        raw.sendall(request.replace(b"\r\n", b"\n"))
        raw.settimeout(1)
        received(raw)
    assert edge.stats()["requests"] - before <= 1


def test_a_get_may_carry_a_body_and_it_stays_its_own(edge: Server) -> None:
    before = edge.stats()["requests"]
    with edge.connect() as raw:
        raw.sendall(
            head(edge, f"Content-Length: {len(HIDDEN)}", "Connection: close", path="/api/v1/sample/echo", method="GET")
            + HIDDEN
        )
        raw.settimeout(1)
        answer = received(raw)
    assert status_of(answer) == 200
    assert edge.stats()["requests"] - before == 1


def test_many_requests_on_one_connection(edge: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", edge.port, timeout=5)
    for number in range(50):
        connection.request(
            "POST",
            "/api/v1/sample/size",
            body=b"x" * number,
            headers={"Authorization": f"Bearer {edge.token}"},
        )
        assert json.loads(connection.getresponse().read())["size"] == number
    connection.close()
    assert until(lambda: edge.ask("GET", "/health/live").status == 200)
