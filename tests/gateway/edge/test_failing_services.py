"""What callers are told when a service is down, slow or broken."""

import http.client
import time

import pytest

from tests.gateway.conftest import RunEdge
from tests.gateway.support.running import Answer, Server, free_port, until


def problem(answer: Answer, status: int, code: str) -> dict[str, object]:
    document: dict[str, object] = answer.json()
    assert (answer.status, document["status"], document["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["type"] == f"/problems/{code}"
    assert document["trace_id"] == answer.headers["x-request-id"]
    return document


def test_late_answers_are_504(edge: Server) -> None:
    started = time.monotonic()
    answer = edge.ask("GET", "/api/v1/sample/slow?seconds=5")
    assert time.monotonic() - started < 3
    document = problem(answer, 504, "gateway.upstream_timeout")
    assert "sample" in str(document["detail"])
    assert int(answer.headers["retry-after"]) > 0
    assert document["actor"] == "host"


def test_answers_in_time_are_not(edge: Server) -> None:
    assert edge.ask("GET", "/api/v1/sample/slow?seconds=0.7").json() == {"slept": True}


def test_a_service_that_falls_silent_does_not_look_finished(proxying: Server) -> None:
    with pytest.raises(http.client.IncompleteRead):
        proxying.ask("GET", "/api/v1/sample/silent")


def test_a_service_that_breaks_off_does_not_look_finished(edge: Server) -> None:
    with pytest.raises(http.client.IncompleteRead):
        edge.ask("GET", "/api/v1/sample/broken?started")


def test_a_service_that_fails_is_an_internal_error(dispatching: Server) -> None:
    answer = dispatching.ask("GET", "/api/v1/sample/broken")
    problem(answer, 500, "server.internal")
    assert b"planted" not in answer.body


def test_a_service_that_hangs_up_is_502(run_edge: RunEdge) -> None:
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            accepted.recv(1000)
            accepted.close()

    threading.Thread(target=hang_up, daemon=True).start()
    with listener, run_edge({"sample": f"http://127.0.0.1:{listener.getsockname()[1]}"}) as edge:
        answer = edge.ask("POST", "/api/v1/sample/size", body=b"once")
        problem(answer, 502, "gateway.upstream_broken")
        listener.shutdown(socket.SHUT_RDWR)


def test_an_unreachable_service_is_502_then_paused_then_tried_again(run_edge: RunEdge) -> None:
    port = free_port()
    with run_edge({"sample": f"http://127.0.0.1:{port}"}) as edge:
        for _ in range(3):
            problem(edge.ask("GET", "/api/v1/sample/echo"), 502, "gateway.upstream_unreachable")
        paused = edge.ask("GET", "/api/v1/sample/echo")
        problem(paused, 503, "gateway.upstream_paused")
        assert paused.headers["retry-after"] in ("1", "2")
        ready = edge.ask("GET", "/health/ready", token="")
        assert ready.status == 503
        assert ready.json()["checks"] == {"identity": "ready", "sample": "unreachable"}
        assert ready.json()["circuits"]["sample"] == "open"
        time.sleep(1.1)
        problem(edge.ask("GET", "/api/v1/sample/echo"), 502, "gateway.upstream_unreachable")
        problem(edge.ask("GET", "/api/v1/sample/echo"), 503, "gateway.upstream_paused")


def test_recovery(run_edge: RunEdge, sample: Server) -> None:
    with run_edge({"sample": f"http://127.0.0.1:{sample.port}", "gone": "http://127.0.0.1:9"}) as edge:
        assert edge.ask("GET", "/api/v1/gone/echo").status == 502
        assert edge.ask("GET", "/api/v1/sample/echo").status == 200
        ready = edge.ask("GET", "/health/ready", token="").json()
        assert ready["checks"] == {"identity": "ready", "sample": "ready", "gone": "unreachable"}


def test_ready_when_everything_is(edge: Server) -> None:
    answer = edge.ask("GET", "/health/ready", token="")
    assert (answer.status, answer.json()["status"]) == (200, "ready")
    assert edge.ask("GET", "/health/live", token="").json() == {"status": "alive"}


def test_problems_come_in_the_callers_language(edge: Server) -> None:
    chinese = edge.ask("GET", "/api/v1/nothing/x")
    english = edge.ask("GET", "/api/v1/nothing/x", headers={"Accept-Language": "en-GB, zh;q=0.5"})
    assert (chinese.headers["content-language"], english.headers["content-language"]) == ("zh-CN", "en")
    assert problem(chinese, 404, "gateway.address_unknown")["title"] == "没有这个地址"
    assert problem(english, 404, "gateway.address_unknown")["title"] == "No such address"


def test_what_the_log_tells_and_what_not(edge: Server) -> None:
    edge.ask("GET", "/api/v1/sample/people/zhang-san?name=zhang", headers={"X-Request-ID": "log-1"})
    edge.ask("GET", "/api/v1/sample/nobody-knows-this", headers={"X-Request-ID": "log-2"})
    edge.ask("GET", "/api/v1/lisi/x", headers={"X-Request-ID": "log-3"})

    def logged(request_id: str) -> dict[str, object] | None:
        lines = (line for line in edge.log_lines() if line.get("request_id") == request_id)
        return next((line for line in lines if line["event"] == "request"), None)

    assert until(lambda: all(logged(f"log-{number}") for number in (1, 2, 3)))
    first = logged("log-1")
    assert first is not None
    assert first["route"] == "/api/v1/sample/people"
    assert (first["method"], first["status"], first["client"]) == ("GET", 200, "vendor-1")
    assert isinstance(first["milliseconds"], float)
    second, third = logged("log-2"), logged("log-3")
    assert second is not None
    assert second["route"] == "/api/v1/sample"
    assert third is not None
    assert third["route"] == "unmatched"
    text = edge.log.read_text("utf-8")
    for secret in ("zhang", "lisi", edge.token, "nobody-knows-this"):
        assert secret not in text


def test_metrics_are_for_this_machine_only(edge: Server) -> None:
    edge.ask("GET", "/api/v1/sample/echo")
    metrics = edge.ask("GET", "/metrics", token="")
    assert 'gateway_requests_total{method="GET",service="sample",status="200"}' in metrics.body.decode()
    assert edge.ask("GET", "/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status == 404


@pytest.mark.parametrize("path", ["/oauth/token", "/.well-known/jwks.json"])
def test_the_issuer_is_reached_without_a_token(edge: Server, path: str) -> None:
    assert edge.ask("POST", path, token="").json() == {"identity": path, "method": "POST"}


def test_the_issuers_own_api_needs_one(edge: Server) -> None:
    path = "/api/v1/identity/clients"
    assert edge.ask("GET", path, token="").status == 401
    assert edge.ask("GET", path).json()["identity"] == path
