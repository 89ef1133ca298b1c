import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from shared.kernel.identity.jwks import KeySource, TokenVerifier
from shared.kernel.identity.keys import PublicKeys, SigningKey
from shared.kernel.identity.tokens import sign_access_token
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

pytestmark = pytest.mark.anyio


class Issuer:
    """An issuer whose keys, health and clock the test controls."""

    def __init__(self) -> None:
        self.keys = [SigningKey.generate()]
        self.down = False
        self.loads = 0
        self.time = 1000.0
        self.source = KeySource(self.load, clock=lambda: self.time)

    async def load(self) -> PublicKeys:
        self.loads += 1
        await asyncio.sleep(0)
        if self.down:
            raise ConnectionError
        return PublicKeys.of(self.keys)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_load_serves_many_callers_for_five_minutes(issuer: Issuer) -> None:
    kid = issuer.keys[0].kid
    results = await asyncio.gather(*(issuer.source.keys_for(kid) for _ in range(20)))
    assert all(kid in keys for keys in results)
    issuer.time += 299
    await issuer.source.keys_for(kid)
    assert issuer.loads == 1


async def test_old_keys_are_renewed_in_the_background(issuer: Issuer) -> None:
    old = issuer.keys[0].kid
    await issuer.source.keys_for(old)
    issuer.keys.append(SigningKey.generate())
    issuer.time += 301
    assert issuer.keys[1].kid not in await issuer.source.keys_for(old)
    await settle()
    assert issuer.keys[1].kid in await issuer.source.keys_for(old)
    assert issuer.loads == 2
    assert issuer.source.generation == 2


async def test_keys_of_long_ago_are_not_used_before_renewal(issuer: Issuer) -> None:
    withdrawn = issuer.keys[0].kid
    await issuer.source.keys_for(withdrawn)
    issuer.keys = [SigningKey.generate()]
    issuer.time += 601
    assert withdrawn not in await issuer.source.keys_for(withdrawn)


async def test_unknown_keys_renew_once_a_minute_at_most(issuer: Issuer) -> None:
    await issuer.source.keys_for(issuer.keys[0].kid)
    fresh = SigningKey.generate()
    issuer.keys.append(fresh)
    assert fresh.kid in await issuer.source.keys_for(fresh.kid)
    assert issuer.loads == 2
    for number in range(50):
        assert f"forged-{number}" not in await issuer.source.keys_for(f"forged-{number}")
    assert issuer.loads == 2
    issuer.time += 61
    await issuer.source.keys_for("forged")
    assert issuer.loads == 3


async def test_stale_keys_serve_while_the_issuer_is_down(issuer: Issuer) -> None:
    kid = issuer.keys[0].kid
    await issuer.source.keys_for(kid)
    issuer.down = True
    issuer.time += 700
    assert kid in await issuer.source.keys_for(kid)
    tried = issuer.loads
    for _ in range(20):
        assert kid in await issuer.source.keys_for(kid)
    assert issuer.loads == tried
    issuer.time += 11
    issuer.down = False
    issuer.keys.append(SigningKey.generate())
    assert issuer.keys[1].kid in await issuer.source.keys_for(issuer.keys[1].kid)


async def test_without_any_keys_the_answer_is_unavailable(issuer: Issuer) -> None:
    issuer.down = True
    with pytest.raises(DomainError) as caught:
        await issuer.source.keys_for("any")
    assert caught.value.code == "server.unavailable"
    issuer.down = False
    issuer.time += 11
    assert issuer.keys[0].kid in await issuer.source.keys_for(issuer.keys[0].kid)


async def test_a_caller_that_gives_up_leaves_the_renewal_to_the_others(issuer: Issuer) -> None:
    kid = issuer.keys[0].kid
    impatient = asyncio.create_task(issuer.source.keys_for(kid))
    patient = asyncio.create_task(issuer.source.keys_for(kid))
    await asyncio.sleep(0)
    impatient.cancel()
    assert kid in await patient


async def test_files(tmp_path: Path) -> None:
    key = SigningKey.generate()
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": [key.public_jwk()]}))
    for location in (str(file), file.as_uri()):
        assert key.kid in await KeySource.at(location).keys_for(key.kid)


class Served:
    def __init__(self, key: SigningKey) -> None:
        self.key = key
        self.answer: web.Response | None = None
        self.address = ""

    async def respond(self, _: web.Request) -> web.Response:
        return self.answer or web.json_response({"keys": [self.key.public_jwk()]})


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    served = Served(SigningKey.generate())
    app = web.Application()
    app.router.add_get("/jwks", served.respond)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    served.address = f"http://127.0.0.1:{runner.addresses[0][1]}/jwks"
    yield served
    await runner.cleanup()


async def test_addresses(served: Served) -> None:
    verifier = TokenVerifier(KeySource.at(served.address), issuer="i", audience="a")
    actor = Actor("s", "c", frozenset(), frozenset(), "52/")
    now = dt.datetime.now(dt.UTC)
    token = sign_access_token(
        actor, key=served.key, issuer="i", audience="a", lifetime=dt.timedelta(minutes=1), now=now
    )
    assert (await verifier.verify(token)).actor == actor


@pytest.mark.parametrize(
    ("status", "text"), [(302, "{}"), (500, "{}"), (200, "no json"), (200, '{"keys":[]}'), (200, "x" * (1 << 20) + "x")]
)
async def test_bad_answers_of_the_address_are_failures(served: Served, status: int, text: str) -> None:
    served.answer = web.Response(status=status, text=text, headers={"Location": served.address})
    with pytest.raises(DomainError):
        await KeySource.at(served.address).keys_for(served.key.kid)
