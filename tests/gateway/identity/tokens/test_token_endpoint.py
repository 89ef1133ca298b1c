"""The token endpoint as clients see it."""

from __future__ import annotations

import base64
import datetime as dt

import httpx
import pytest

from shared.kernel import clock
from shared.kernel.identity.keys import PublicKeys
from shared.kernel.identity.tokens import read_access_token
from shared.kernel.settings import ServiceSettings
from tests.gateway.identity.support import (
    ADMIN,
    CITY,
    CITY_ADMIN,
    HEAD,
    HEAD_PASSWORD,
    VENDOR,
    VENDOR_SECRET,
    Running,
    bearer_of,
)
from tests.kernel.sample.service import SERVICE as SAMPLE
from tests.support.client import running
from tests.support.settings import AUDIENCE, ISSUER

pytestmark = pytest.mark.anyio
MACHINE = {"grant_type": "client_credentials"}


async def test_a_machine_gets_a_ten_minute_token_with_what_it_holds(issuer: Running) -> None:
    answer = await issuer.machine()
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "sample.read sample.write")
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.headers["cache-control"] == "no-store"
    keys = PublicKeys.from_jwks((await (await issuer.at()).get("/.well-known/jwks.json")).json())
    token = read_access_token(body["access_token"], keys=keys, issuer=ISSUER, audience=AUDIENCE, now=clock.now())
    assert (token.actor.subject, token.actor.client, token.actor.org) == (VENDOR, VENDOR, CITY)
    assert token.expires_at - token.issued_at == dt.timedelta(minutes=10)
    assert token.token_id


async def test_the_secret_may_stand_in_the_form(issuer: Running) -> None:
    answer = await issuer.token(**MACHINE, client_id=VENDOR, client_secret=VENDOR_SECRET)
    assert answer.status_code == 200


async def test_a_person_logs_in_with_a_password_however_the_name_is_written(issuer: Running) -> None:
    body = (await issuer.person(" City-Admin ")).json()
    assert (body["scope"], body["must_change_password"]) == ("*", False)
    me = await issuer.call("GET", "/me", {"Authorization": f"Bearer {body['access_token']}"})
    assert me.json()["name"] == ADMIN
    assert me.json()["roles"] == ["city_admin"]
    assert "accounts.write" in me.json()["permissions"]


async def test_scopes_can_be_narrowed_and_never_widened(issuer: Running) -> None:
    assert (await issuer.machine(scope="sample.read")).json()["scope"] == "sample.read"
    for scope in ("sample.read roster.read", "*", "sample", " "):
        refused = await issuer.machine(scope=scope)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_scope"), scope
    narrow = await issuer.person(scope="identity.read")
    listed = await issuer.call("GET", "/accounts", bearer_of(narrow))
    created = await issuer.call("POST", "/clients", bearer_of(narrow), json={})
    assert (listed.status_code, created.status_code) == (200, 403)


async def test_a_kernel_service_accepts_the_token(issuer: Running, sample_settings: ServiceSettings) -> None:
    headers = bearer_of(await issuer.machine(scope="sample.read"))
    async with running(SAMPLE, sample_settings) as (_, client):
        assert (await client.get("/notes", headers=headers)).status_code == 200
        note = {"code": "a", "text": "t", "org_path": CITY}
        assert (await client.post("/notes", json=note, headers=headers)).status_code == 403


REFUSALS: list[tuple[dict[str, str], int, str]] = [
    ({}, 400, "invalid_request"),
    ({"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
    ({"grant_type": "client_credentials"}, 401, "invalid_client"),
    ({"grant_type": "client_credentials", "client_secret": "x"}, 400, "invalid_request"),
    ({"grant_type": "password", "username": "a"}, 400, "invalid_request"),
    ({"grant_type": "password", "username": "a", "password": "b"}, 400, "invalid_grant"),
    ({"grant_type": "password", "username": "a\x00", "password": "b"}, 400, "invalid_request"),
    ({"grant_type": "password", "username": "a", "password": "b", "client_id": VENDOR}, 400, "unauthorized_client"),
    ({"grant_type": "client_credentials", "x": "y" * 9_000}, 400, "invalid_request"),
]


async def test_refusals_have_the_form_of_the_standard(issuer: Running) -> None:
    for form, status, error in REFUSALS:
        answer = await issuer.token(**form)
        assert (answer.status_code, answer.json()["error"]) == (status, error), form
        assert set(answer.json()) == {"error", "error_description", "error_uri"}
        assert answer.json()["error_uri"] == f"{ISSUER}/problems/oauth.{error}"
        assert answer.json()["error_description"].isascii()
        assert answer.headers["cache-control"] == "no-store"
        assert ("www-authenticate" in answer.headers) == (status == 401)


async def test_malformed_requests_are_refused_before_anybody_is_looked_up(issuer: Running) -> None:
    http = await issuer.at()
    before = issuer.issuer.hasher.computed
    url, form_type = "/oauth/token", {"Content-Type": "application/x-www-form-urlencoded"}
    both = await http.post(url, data={**MACHINE, "client_secret": "x", "client_id": "y"}, auth=("y", "x"))
    other = await http.post(url, data={**MACHINE, "client_id": "other"}, auth=(VENDOR, VENDOR_SECRET))
    json = await http.post(url, json=MACHINE)
    twice = await http.post(url, content=b"grant_type=password&grant_type=password", headers=form_type)
    latin = await http.post(url, content=b"grant_type=%ff", headers=form_type)
    many = await http.post(url, content=b"&".join(b"a%d=1" % n for n in range(50)), headers=form_type)
    for answer in (both, other, json, twice, latin, many):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    for header in ("Bearer abc", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode()):
        broken = await http.post(url, data=MACHINE, headers={"Authorization": header})
        assert (broken.status_code, broken.json()["error"]) == (401, "invalid_client"), header
    assert issuer.issuer.hasher.computed == before


async def test_disabled_principals_are_refused_like_unknown_ones(issuer: Running) -> None:
    wrong_client, wrong_person = await issuer.machine(secret="x" * 20), await issuer.person(password="x" * 20)
    for path in (f"/clients/{VENDOR}/disable", f"/accounts/{HEAD}/disable"):
        assert (await issuer.call("POST", path, CITY_ADMIN)).status_code == 200
    _same(await issuer.machine(), wrong_client)
    _same(await issuer.person(HEAD, HEAD_PASSWORD), wrong_person)
    for path in (f"/clients/{VENDOR}/enable", f"/accounts/{HEAD}/enable"):
        assert (await issuer.call("POST", path, CITY_ADMIN)).status_code == 200
    assert (await issuer.machine()).status_code == 200
    assert (await issuer.person(HEAD, HEAD_PASSWORD)).status_code == 200


async def test_a_secret_found_right_is_not_checked_again_for_a_minute(issuer: Running) -> None:
    hasher = issuer.issuer.hasher
    before = hasher.computed
    for _ in range(5):
        assert (await issuer.machine()).status_code == 200
    assert hasher.computed == before + 1
    issuer.clock.advance(61)
    assert (await issuer.machine()).status_code == 200
    assert hasher.computed == before + 2


async def test_successes_and_failures_are_audited(issuer: Running) -> None:
    await issuer.machine()
    await issuer.machine(secret="wrong wrong wrong")
    await issuer.person("Typed my password here", "?")
    issued, failed = await issuer.audit("token.issued"), await issuer.audit("login.failed")
    assert issued == [(VENDOR, {"scopes": ["sample.read", "sample.write"], "address": "192.0.2.1"})]
    assert failed == [
        (VENDOR, {"kind": "client", "reason": "secret", "address": "192.0.2.1"}),
        ("unknown", {"kind": "account", "reason": "unknown", "address": "192.0.2.1"}),
    ]


async def test_metadata_and_keys_are_published(issuer: Running) -> None:
    http = await issuer.at()
    document = (await http.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == ISSUER
    assert document["token_endpoint"] == f"{ISSUER}/oauth/token"
    keys = (await http.get("/.well-known/jwks.json")).json()["keys"]
    assert len(keys) == 1
    assert all("d" not in key for key in keys)


def _same(answer: httpx.Response, other: httpx.Response) -> None:
    assert (answer.status_code, answer.json()) == (other.status_code, other.json())
    assert {k: v for k, v in answer.headers.items() if k != "x-request-id"} == {
        k: v for k, v in other.headers.items() if k != "x-request-id"
    }
