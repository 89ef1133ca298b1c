"""The client services call each other with: tokens, waiting, refusals."""

import asyncio
import base64
import datetime as dt
import email.utils
import hashlib

import pytest
from starlette.responses import JSONResponse, Response

from shared.kernel import clock
from shared.kernel.client import GatewayClient, RemoteRefusalError, _wait_seconds
from shared.kernel.settings import ConfigurationError
from shared.terms.errors import DomainError
from tests.kernel.client.conftest import SmallGateway
from tests.kernel.sample.service import SampleSettings
from tests.support.settings import settings_for

pytestmark = pytest.mark.anyio
BUSY = {"Retry-After": "0"}


def client_of(gateway: SmallGateway, **options: object) -> GatewayClient:
    return GatewayClient(gateway.address, client_id="monitoring", client_secret="a b:c", **options)  # type: ignore[arg-type]


async def test_one_token_serves_many_requests_and_carries_the_credentials(gateway: SmallGateway) -> None:
    async with client_of(gateway, scope="roster.read") as client:
        await asyncio.gather(*(client.request("GET", "/x") for _ in range(5)))
    (asked,) = gateway.token_requests
    assert asked["grant_type"] == "client_credentials"
    assert asked["scope"] == "roster.read"
    assert base64.b64decode(asked["authorization"].removeprefix("Basic ")) == b"monitoring:a b:c"
    assert gateway.requests == [("GET", "Bearer token-1")] * 5


async def test_a_token_near_its_end_is_replaced(gateway: SmallGateway) -> None:
    gateway.lifetime = 0
    async with client_of(gateway) as client:
        await client.request("GET", "/x")
        await client.request("GET", "/x")
    assert [authorization for _, authorization in gateway.requests] == ["Bearer token-1", "Bearer token-2"]


async def test_a_revoked_token_is_replaced_once(gateway: SmallGateway) -> None:
    gateway.script = [Response(status_code=401)]
    async with client_of(gateway) as client:
        assert (await client.request("GET", "/x")).status_code == 200
        gateway.script = [Response(status_code=401), Response(status_code=401)]
        with pytest.raises(RemoteRefusalError, match="401"):
            await client.request("GET", "/x")
    assert len(gateway.token_requests) == 3


@pytest.mark.parametrize("status", [429, 503])
async def test_it_waits_when_told_to(gateway: SmallGateway, status: int) -> None:
    gateway.script = [Response(status_code=status, headers=BUSY) for _ in range(3)]
    async with client_of(gateway) as client:
        answer = await client.request("POST", "/x", json={})
    assert answer.status_code == 200
    assert len(gateway.requests) == 4


async def test_it_gives_up_with_a_refusal_callers_understand(gateway: SmallGateway) -> None:
    gateway.script = [Response(status_code=503, headers=BUSY) for _ in range(4)]
    async with client_of(gateway) as client:
        with pytest.raises(DomainError, match=r"server\.unavailable"):
            await client.request("GET", "/x")
    assert len(gateway.requests) == 4


async def test_a_post_whose_fate_is_unknown_is_not_repeated_unless_it_carries_a_key(gateway: SmallGateway) -> None:
    gateway.script = [Response(status_code=504)]
    async with client_of(gateway) as client:
        with pytest.raises(DomainError, match=r"server\.unavailable"):
            await client.request("POST", "/x")
        assert len(gateway.requests) == 1
        gateway.script = [Response(status_code=504, headers=BUSY)]
        await client.request("POST", "/x", headers={"Idempotency-Key": "k"})
    assert len(gateway.requests) == 3


async def test_a_gateway_that_is_not_there(gateway: SmallGateway) -> None:
    async with GatewayClient("http://127.0.0.1:9", client_id="m", client_secret="s") as client:
        with pytest.raises(DomainError, match=r"server\.unavailable"):
            await client.request("GET", "/x")


async def test_refusals_keep_their_document(gateway: SmallGateway) -> None:
    gateway.script = [JSONResponse({"code": "resource.not_found", "detail": "?"}, 404)]
    async with client_of(gateway) as client:
        with pytest.raises(RemoteRefusalError) as caught:
            await client.request("GET", "/x")
    assert (caught.value.status, caught.value.code) == (404, "resource.not_found")


async def test_wrong_credentials_are_a_refusal_not_an_outage(gateway: SmallGateway) -> None:
    gateway.token_script = [JSONResponse({"error": "invalid_client"}, 401)]
    async with client_of(gateway) as client:
        with pytest.raises(RemoteRefusalError, match="401"):
            await client.request("GET", "/x")


async def test_pages_are_followed_to_the_end(gateway: SmallGateway) -> None:
    gateway.script = [
        JSONResponse({"items": [{"n": 1}, {"n": 2}], "next_cursor": "c"}),
        JSONResponse({"items": [{"n": 3}], "next_cursor": None}),
    ]
    async with client_of(gateway) as client:
        assert [item["n"] async for item in client.items("/x", {"a": None})] == [1, 2, 3]


async def test_a_download_must_hash_to_its_etag(gateway: SmallGateway) -> None:
    content = b"PAR1"
    tag = f'"{hashlib.sha256(content).hexdigest()}"'
    gateway.script = [Response(content, headers={"ETag": tag}), Response(b"other", headers={"ETag": tag})]
    async with client_of(gateway) as client:
        assert await client.download("/x") == content
        with pytest.raises(DomainError, match=r"server\.unavailable"):
            await client.download("/x")


async def test_waiting_is_bounded() -> None:
    later = email.utils.format_datetime(clock.now() + dt.timedelta(hours=1))
    assert _wait_seconds(Response(headers={"retry-after": later}), 0) == 30.0  # type: ignore[arg-type]
    assert _wait_seconds(Response(headers={"retry-after": "7"}), 0) == 7.0  # type: ignore[arg-type]
    assert 0.1 < _wait_seconds(Response(headers={"retry-after": "soon"}), 0) < 0.4  # type: ignore[arg-type]
    assert 1.0 <= _wait_seconds(None, 3) <= 3.0


async def test_a_service_without_credentials_says_what_is_missing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = settings_for(SampleSettings, tmp_path, database_url="postgresql+asyncpg://x/y")
    with pytest.raises(ConfigurationError, match="SAMPLE_GATEWAY_URL, SAMPLE_CLIENT_ID"):
        GatewayClient.of(settings)
