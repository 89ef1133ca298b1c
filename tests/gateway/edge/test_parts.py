"""The edge's small parts, without sockets."""

import asyncio
import datetime as dt
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.types import Message, Receive, Scope, Send

from gateway.edge.authenticate import TokenCheck
from gateway.edge.breaker import CircuitBreaker
from gateway.edge.headers import client_address, inward_headers, outward_headers, passes_inward
from gateway.edge.lifespan import Lifespan, StartupFailed
from gateway.edge.proxy import ProxiedUpstream
from gateway.edge.rate_limit import RateLimiter, address_key
from gateway.edge.routes import RouteKind, RouteTable, is_safe_path
from gateway.edge.settings import EdgeSettings, Rate
from shared.kernel.identity.jwks import KeySource, TokenVerifier
from shared.kernel.identity.keys import PublicKeys, SigningKey
from shared.kernel.identity.tokens import AccessToken, sign_access_token
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_breaker_opens_probes_and_closes() -> None:
    clock = Clock()
    breaker = CircuitBreaker(2, 5.0, clock=clock)
    breaker.failed()
    breaker.connected()
    breaker.failed()
    assert breaker.state == "closed"
    breaker.failed()
    assert (breaker.state, breaker.admits(), breaker.retry_after()) == ("open", False, 5.0)
    clock.now += 5
    assert (breaker.state, breaker.admits(), breaker.admits()) == ("half_open", True, False)
    breaker.failed()
    assert breaker.state == "open"
    clock.now += 5
    assert breaker.admits()
    breaker.abandoned()
    assert breaker.admits()
    breaker.connected()
    assert (breaker.state, breaker.admits(), breaker.admits()) == ("closed", True, True)


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 10), st.floats(0.1, 20))
def test_a_bucket_never_gives_more_than_burst_and_refill(pauses: list[float], burst: int, rate: float) -> None:
    clock = Clock()
    limiter = RateLimiter("x", Rate(per_second=rate, burst=burst), size=10, clock=clock)
    admitted = 0
    for pause in pauses:
        clock.now += pause
        admitted += limiter.take("key").admitted
    assert admitted <= burst + sum(pauses) * rate + 1e-6


def test_waiting_as_told_is_enough() -> None:
    clock = Clock()
    limiter = RateLimiter("x", Rate(per_second=0.3, burst=2), size=10, clock=clock)
    assert [limiter.take("key").admitted for _ in range(3)] == [True, True, False]
    refused = limiter.take("key")
    clock.now += refused.retry_after
    assert limiter.take("key").admitted


def test_the_table_of_buckets_is_bounded() -> None:
    limiter = RateLimiter("x", Rate(per_second=1, burst=1), size=100)
    for number in range(1000):
        limiter.take(str(number))
    assert len(limiter._buckets) == 100


def test_one_key_for_all_of_an_ipv6_network() -> None:
    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9") != address_key("2001:db8:1:3::1")
    assert address_key("10.0.0.1") != address_key("10.0.0.2")
    assert address_key("::ffff:10.0.0.1") != address_key("::ffff:10.0.0.2")
    assert address_key("not:an:address") == "not:an:address"


def test_only_trusted_proxies_speak_for_others() -> None:
    trusted = (ip_network("10.0.0.0/8"),)
    assert client_address("203.0.113.9", b"1.1.1.1", trusted) == "203.0.113.9"
    assert client_address("10.0.0.1", b"1.1.1.1", ()) == "10.0.0.1"
    assert client_address("10.0.0.1", b"6.6.6.6, 1.1.1.1, 10.0.0.2", trusted) == "1.1.1.1"
    assert client_address("10.0.0.1", b"10.0.0.3, 10.0.0.2", trusted) == "10.0.0.3"
    assert client_address("10.0.0.1", b"1.1.1.1, rubbish", trusted) == "10.0.0.1"
    assert client_address("10.0.0.1", None, trusted) == "10.0.0.1"


@pytest.mark.parametrize(
    "name",
    ["x-forwarded-for", "forwarded", "x-user", "x-user-id", "x-remote-user", "remote-user", "x-auth-roles",
     "x-org", "x-real-ip", "x-client-id", "x_org", "connection", "te", "proxy-authorization", "x-original-url"],
)  # fmt: skip
def test_what_does_not_pass(name: str) -> None:
    assert not passes_inward(name.encode())


@pytest.mark.parametrize(
    "name",
    ["authorization", "accept", "content-type", "if-match", "idempotency-key", "traceparent", "x-organ", "x-users",
     "content-length", "cookie", "prefer", "accept-language", "origin"],
)  # fmt: skip
def test_what_passes(name: str) -> None:
    assert passes_inward(name.encode())


def test_headers_named_by_connection_are_dropped_both_ways() -> None:
    given_headers = [(b"connection", b"X-A, close"), (b"x-a", b"1"), (b"x-b", b"2")]
    assert inward_headers(given_headers, b"id") == [(b"x-b", b"2"), (b"x-request-id", b"id")]
    assert outward_headers([(b"Connection", b"x-a"), (b"X-A", b"1"), (b"X-B", b"2")]) == [(b"x-b", b"2")]


def test_routes() -> None:
    table = RouteTable(["roster", "school_eval"])
    kinds = {
        "/api/v1/roster/schools": RouteKind.SERVICE,
        "/api/v1/school-eval/x": RouteKind.SERVICE,
        "/api/v1/school_eval/x": RouteKind.UNKNOWN,
        "/api/v1/identity/x": RouteKind.IDENTITY,
        "/oauth/token": RouteKind.IDENTITY,
        "/health/ready": RouteKind.HEALTH,
        "/problems/x": RouteKind.PAGE,
        "/nothing": RouteKind.UNKNOWN,
    }
    assert {path: table.match(path).kind for path in kinds} == kinds
    assert table.match("/api/v1/school-eval/x").service == "school_eval"


@given(st.text(max_size=30))
def test_labels_never_hold_a_callers_text(text: str) -> None:
    table = RouteTable(["roster"])
    path = f"/api/v1/roster/{text}"
    assert table.label(path, table.match(path), 404) == "/api/v1/roster"


def test_labels_name_a_collection_once_it_has_been_seen_to_exist() -> None:
    table = RouteTable(["roster"])
    route = table.match("/api/v1/roster/students/1")
    assert table.label("/api/v1/roster/students:batch", route, 207) == "/api/v1/roster/students"
    assert table.label("/api/v1/roster/students/520502200801011234", route, 404) == "/api/v1/roster/students"
    assert table.label("/api/v1/roster/张三", route, 200) == "/api/v1/roster"


def test_safe_paths() -> None:
    assert is_safe_path("/api/v1/x/a.b/..c", b"/api/v1/x/a.b/..c")
    assert not is_safe_path("/a/../b", b"/a/%2e%2e/b")
    assert not is_safe_path("http://x/", b"http://x/")
    assert not is_safe_path("/é", "/é".encode())


@pytest.mark.parametrize("base", ["ftp://x", "127.0.0.1:1", "http://", "http://x/path"])
def test_addresses_of_services_are_checked(base: str) -> None:
    with pytest.raises(ValueError, match="sample"):
        ProxiedUpstream("sample", base, EdgeSettings())


def test_settings_refuse_what_they_do_not_know() -> None:
    for wrong in ({"max_body_byte": 1}, {"body_limits": [{"pattern": "(", "max_bytes": 1}]}, {"breaker_failures": 0}):
        with pytest.raises(ValidationError):
            EdgeSettings.model_validate(wrong)


def test_limits_by_path() -> None:
    settings = EdgeSettings()
    upload = "/api/v1/monitoring/exams/1/mark-sheets"
    assert settings.body_limit(upload) == settings.body_limit("/api/v1/roster/imports") == 64 << 20
    assert settings.body_limit("/api/v1/roster/students:upload") == 64 << 20
    assert settings.body_limit("/api/v1/roster/students:batch") == 16 << 20
    assert settings.body_limit("/api/v1/roster/students/imports-of-x") == 2 << 20
    assert settings.deadline(upload).headers_seconds > settings.deadline("/api/v1/roster/schools").headers_seconds


async def failing_app(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "ROSTER_DATABASE_URL is not set"})
    raise RuntimeError


async def plain_app(scope: Scope, _: Receive, __: Send) -> None:
    raise AssertionError(scope["type"])


@pytest.mark.anyio
async def test_lifespans() -> None:
    with pytest.raises(StartupFailed, match="ROSTER_DATABASE_URL"):
        await Lifespan(failing_app).start()
    plain = Lifespan(plain_app)
    await plain.start()
    await plain.stop()
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(2):
            message: Message = await receive()
            events.append(message["type"])
            scope["state"]["opened"] = True
            await send({"type": message["type"] + ".complete"})

    lifespan = Lifespan(app)
    await lifespan.start()
    assert lifespan.state == {"opened": True}
    await lifespan.stop()
    assert events == ["lifespan.startup", "lifespan.shutdown"]


class Issuer:
    def __init__(self) -> None:
        self.key = SigningKey.generate()
        self.published = [self.key]
        self.source = KeySource(self.load, clock=lambda: self.time)
        self.time = 0.0
        self.loads = 0

    async def load(self) -> PublicKeys:
        self.loads += 1
        return PublicKeys.of(self.published)

    def token(self, client: str = "c") -> bytes:
        actor = Actor(client, client, frozenset(), frozenset(), "52/")
        lifetime, now = dt.timedelta(minutes=10), dt.datetime.now(dt.UTC)
        text = sign_access_token(actor, key=self.key, issuer="i", audience="a", lifetime=lifetime, now=now)
        return b"Bearer " + text.encode()


@pytest.mark.anyio
async def test_tokens_are_remembered_until_they_expire_are_revoked_or_their_key_is_withdrawn() -> None:
    issuer, revoked, clock = Issuer(), set[str](), Clock()
    clock.now = dt.datetime.now(dt.UTC).timestamp()

    def is_revoked(token: AccessToken) -> bool:
        return token.actor.client in revoked

    check = TokenCheck(TokenVerifier(issuer.source, issuer="i", audience="a"), 2, is_revoked=is_revoked, clock=clock)
    token = issuer.token()
    assert check.remembered(token) is None
    verified = await check.verify(token)
    assert check.remembered(token) is verified

    revoked.add("c")
    with pytest.raises(DomainError, match="token_invalid"):
        check.remembered(token)
    with pytest.raises(DomainError, match="token_invalid"):
        await check.verify(token)
    revoked.clear()

    for other in ("d", "e"):
        await check.verify(issuer.token(other))
    assert check.remembered(token) is None

    await check.verify(token)
    clock.now += 601
    with pytest.raises(DomainError, match="token_invalid"):
        check.remembered(token)
    clock.now -= 601

    await check.verify(token)
    issuer.published, issuer.time = [SigningKey.generate()], 301.0
    await issuer.source.keys_for(issuer.key.kid)
    await asyncio.sleep(0.01)
    assert check.remembered(token) is None
    with pytest.raises(DomainError, match="token_invalid"):
        await check.verify(token)
