"""A token taken back is refused at the edge at once, and nowhere else than where it should be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.app import create_edge_from_settings
from gateway.identity.app import create_app, is_revoked_of
from gateway.identity.tokens.revocations import STALE_SECONDS, Revocations
from gateway.settings import GatewaySettings
from shared.kernel import clock
from shared.kernel.app import build_app
from shared.kernel.settings import ServiceSettings
from shared.terms.errors import DomainError
from tests.gateway.identity.support import (
    ADMIN,
    ADMIN_PASSWORD,
    CITY,
    CITY_ADMIN,
    HEAD,
    HEAD_PASSWORD,
    READER,
    READER_SECRET,
    SCHOOL,
    VENDOR,
    VENDOR_SECRET,
    Running,
    bearer_of,
    is_refused,
    running_issuer,
)
from tests.kernel.sample.service import SERVICE as SAMPLE

pytestmark = pytest.mark.anyio


async def revoke(issuer: Running, headers: dict[str, str], **more: str) -> httpx.Response:
    token = headers["Authorization"].removeprefix("Bearer ")
    return await (await issuer.at()).post("/oauth/revoke", data={"token": token, **more})


async def test_one_token_is_revoked_and_no_other(issuer: Running) -> None:
    first, second = bearer_of(await issuer.machine()), bearer_of(await issuer.machine())
    answer = await revoke(issuer, first, client_id=VENDOR, client_secret=VENDOR_SECRET)
    assert answer.status_code == 200
    assert await is_refused(issuer, first)
    assert not await is_refused(issuer, second)
    again = await revoke(issuer, first, client_id=VENDOR, client_secret=VENDOR_SECRET)
    assert again.status_code == 200


async def test_only_its_owner_revokes_a_token(issuer: Running) -> None:
    headers = bearer_of(await issuer.machine())
    nobody = await revoke(issuer, headers)
    other = await revoke(issuer, headers, client_id=READER, client_secret=READER_SECRET)
    wrong = await revoke(issuer, headers, client_id=VENDOR, client_secret="x" * 20)
    assert [answer.json()["error"] for answer in (nobody, other, wrong)] == [
        "invalid_client",
        "unauthorized_client",
        "invalid_client",
    ]
    assert not await is_refused(issuer, headers)
    nonsense = await revoke(issuer, {"Authorization": "Bearer a.b.c"})
    assert nonsense.status_code == 200


async def test_a_person_logs_out(issuer: Running) -> None:
    headers = bearer_of(await issuer.person())
    assert (await revoke(issuer, headers)).status_code == 200
    assert await is_refused(issuer, headers)
    assert not await is_refused(issuer, bearer_of(await issuer.person()))


@pytest.mark.parametrize(
    ("path", "method", "body"),
    [
        (f"/clients/{VENDOR}/disable", "POST", None),
        (f"/clients/{VENDOR}/secret", "POST", None),
        (
            f"/clients/{VENDOR}",
            "PUT",
            {"name": "Vendor", "roles": ["integration"], "scopes": ["sample.read"], "org_path": CITY},
        ),
    ],
)
async def test_what_is_taken_from_a_client_ends_its_tokens(
    issuer: Running, path: str, method: str, body: dict[str, object] | None
) -> None:
    before, stranger = bearer_of(await issuer.machine()), bearer_of(await issuer.machine(READER, READER_SECRET))
    answer = await issuer.call(method, path, {**CITY_ADMIN, "If-Match": "*"}, json=body)
    assert answer.status_code == 200, answer.text
    assert await is_refused(issuer, before)
    assert not await is_refused(issuer, stranger)
    # A token got in the very second of the revocation is good.
    if path.endswith("disable"):
        await issuer.call("POST", f"/clients/{VENDOR}/enable", CITY_ADMIN)
    secret = answer.json().get("client_secret", VENDOR_SECRET)
    assert not await is_refused(issuer, bearer_of(await issuer.machine(secret=secret)))


async def test_moving_a_person_ends_the_tokens_and_renaming_does_not(issuer: Running) -> None:
    headers = bearer_of(await issuer.person(HEAD, HEAD_PASSWORD))
    same = {"display_name": "Renamed", "roles": ["school_admin"], "org_path": SCHOOL}
    assert (
        await issuer.call("PUT", f"/accounts/{HEAD}", {**CITY_ADMIN, "If-Match": "*"}, json=same)
    ).status_code == 200
    assert not await is_refused(issuer, headers)
    less = {**same, "roles": ["school_operator"]}
    assert (
        await issuer.call("PUT", f"/accounts/{HEAD}", {**CITY_ADMIN, "If-Match": "*"}, json=less)
    ).status_code == 200
    assert await is_refused(issuer, headers)


async def test_another_gateway_process_learns_of_it_within_seconds(gateway_settings: GatewaySettings) -> None:
    async with running_issuer(gateway_settings) as issuer:
        other = Revocations(clock.now)
        async with other.kept_fresh(issuer.database, every=0.05):
            headers = bearer_of(await issuer.machine())
            await issuer.call("POST", f"/clients/{VENDOR}/disable", CITY_ADMIN)
            await asyncio.sleep(0.3)
            token = await issuer.settings.verifier().verify(headers["Authorization"].removeprefix("Bearer "))
            assert other.is_revoked(token)


async def test_with_a_stale_list_nobody_is_let_in(issuer: Running) -> None:
    token = await issuer.settings.verifier().verify((await issuer.machine()).json()["access_token"])
    seconds = 0.0
    revocations = Revocations(clock.now, clock=lambda: seconds)
    with pytest.raises(DomainError):
        revocations.is_revoked(token)
    await revocations.refresh(issuer.database)
    assert not revocations.is_revoked(token)
    seconds = STALE_SECONDS + 1
    with pytest.raises(DomainError) as refusal:
        revocations.is_revoked(token)
    assert refusal.value.code == "server.unavailable"


@asynccontextmanager
async def whole_gateway(settings: GatewaySettings, sample: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
    """The edge with the issuer and the sample service behind it, in one process."""
    async with running_issuer(settings):
        app = create_app(settings)
        edge = create_edge_from_settings(
            settings,
            identity_app=app,
            upstreams={"sample": build_app(SAMPLE, sample)},
            is_revoked=is_revoked_of(app),
        )
        await edge.start()
        try:
            transport = httpx.ASGITransport(app=edge, client=("192.0.2.1", 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
                yield http
        finally:
            await edge.stop()


async def test_through_the_gateway(gateway_settings: GatewaySettings, sample_settings: ServiceSettings) -> None:
    async with whole_gateway(gateway_settings, sample_settings) as http:
        form = {"grant_type": "client_credentials"}
        token = await http.post("/oauth/token", data=form, auth=(VENDOR, VENDOR_SECRET))
        headers = bearer_of(token)
        assert (await http.get("/api/v1/sample/notes", headers=headers)).status_code == 200
        assert (await http.get("/api/v1/identity/me", headers=headers)).json()["name"] == VENDOR
        assert (await http.get("/api/v1/identity/clients", headers=headers)).status_code == 403
        assert (await http.get("/.well-known/jwks.json")).status_code == 200
        person = await http.post(
            "/oauth/token", data={"grant_type": "password", "username": ADMIN, "password": ADMIN_PASSWORD}
        )
        disabled = await http.post(f"/api/v1/identity/clients/{VENDOR}/disable", headers=bearer_of(person))
        assert disabled.status_code == 200
        refused = await http.get("/api/v1/sample/notes", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (401, "auth.token_invalid")
        assert "revoked" in refused.json()["detail"]
