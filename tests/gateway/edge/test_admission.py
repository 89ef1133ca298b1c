"""Who gets in: tokens, limits, addresses."""

import base64
import json

import pytest

from tests.gateway.conftest import MakeToken, RunEdge
from tests.gateway.support.running import Server

ECHO = "/api/v1/sample/echo"


def test_without_a_token(edge: Server) -> None:
    answer = edge.ask("GET", ECHO, token="")
    assert (answer.status, answer.json()["code"]) == (401, "auth.token_missing")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "Bearer rubbish", "Bearer a.b.c", "é"])
def test_with_rubbish(edge: Server, header: str) -> None:
    answer = edge.ask("GET", ECHO, headers={"Authorization": header})
    assert (answer.status, answer.json()["code"]) == (401, "auth.token_invalid")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_forged_expired_and_misdirected(edge: Server, make_token: MakeToken) -> None:
    genuine = make_token("vendor-2")
    header, payload, _ = genuine.split(".")
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt", "kid": "x"}).encode())
    tokens = (
        f"{header}.{payload}.",
        f"{unsigned.decode().rstrip('=')}.{payload}.",
        make_token("vendor-2", age=3600),
        make_token("vendor-2", audience="another"),
    )
    assert edge.ask("GET", ECHO, token=genuine).status == 200
    for token in tokens:
        assert edge.ask("GET", ECHO, token=token).status == 401


def test_every_client_has_its_own_quota(run_edge: RunEdge, make_token: MakeToken) -> None:
    rate = {"per_second": 0.5, "burst": 3}
    with run_edge({"sample": "memory"}, client_rate=rate) as edge:
        answers = [edge.ask("GET", ECHO, token=make_token("a")) for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"client";q=3;w=6'
        assert answers[0].headers["ratelimit"] == '"client";r=2;t=2'
        refused = answers[3]
        assert refused.json()["code"] == "gateway.rate_limited"
        assert int(refused.headers["retry-after"]) == 2
        assert refused.headers["ratelimit"].startswith('"client";r=0;')
        assert edge.ask("GET", ECHO, token=make_token("b")).status == 200


def test_strangers_share_their_addresses_quota(run_edge: RunEdge, make_token: MakeToken) -> None:
    rate = {"per_second": 0.5, "burst": 5}
    with run_edge({"sample": "memory"}, anonymous_rate=rate) as edge:
        known = make_token("known")
        assert edge.ask("GET", ECHO, token=known).status == 200
        statuses = [edge.ask("GET", ECHO, token=f"a.b.{number}").status for number in range(6)]
        assert statuses == [401, 401, 401, 401, 429, 429]
        assert edge.ask("GET", "/api", token="").status == 429
        # A client whose token is known already does not suffer from its neighbors.
        assert edge.ask("GET", ECHO, token=known).status == 200
        assert edge.ask("GET", "/health/live", token="").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/sample/../identity/clients",
        "/api/v1/sample/%2e%2e/identity/clients",
        "/api/v1/sample/..%2fx",
        "/api/v1/sample/%00",
        "/api/v1/sample/a%0d%0ab",
        "/api/v1/sample/a%5cb",
        "/api/v1/sample/./x",
    ],
)
def test_paths_that_could_be_read_two_ways(edge: Server, path: str) -> None:
    answer = edge.ask("GET", path)
    assert (answer.status, answer.json()["code"]) == (400, "gateway.path_invalid")


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/sampl/x", "/api/v1/sample2/x", "/api/v1/identityx/y"])
def test_unknown_services(edge: Server, path: str) -> None:
    assert edge.ask("GET", path).json()["code"] == "gateway.address_unknown"
    assert edge.ask("GET", path, token="").status == 401


@pytest.mark.parametrize("path", ["/x", "/health/x", "/metricsx", "/openapi.json", "/oauth", "/problems/none"])
def test_unknown_addresses(edge: Server, path: str) -> None:
    assert edge.ask("GET", path, token="").json()["code"] == "gateway.address_unknown"


def test_pages_are_read_only(edge: Server) -> None:
    answer = edge.ask("POST", "/api", token="")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
