"""A running issuer with some clients and accounts, and ways to talk to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import text

from gateway.identity.app import create_app, is_revoked_of
from gateway.identity.issuer import Issuer
from gateway.identity.provisioning import AccountsFile, Ensured, ensure_principals
from gateway.identity.settings import IdentitySettings
from gateway.settings import GatewaySettings
from shared.kernel import clock
from shared.kernel.database.engine import Database
from shared.kernel.identity.jwks import KeySource, TokenVerifier
from shared.kernel.identity.keys import PublicKeys
from tests.support.settings import AUDIENCE, ISSUER, SIGNING_KEY, actor, bearer

PROVINCE, CITY, COUNTY = "99/", "99/9900/", "99/9900/990001/"
SCHOOL, OTHER_SCHOOL = COUNTY + "2199000001/", COUNTY + "2199000002/"
OTHER_COUNTY = "99/9900/990002/"

VENDOR, VENDOR_SECRET = "vendor", "vendor-secret-0123456789"
READER, READER_SECRET = "province", "province-secret-0123456789"
ADMIN, ADMIN_PASSWORD = "city-admin", "Correct horse battery"
HEAD, HEAD_PASSWORD = "school-admin", "staple gun umbrella"

FILE: dict[str, list[dict[str, Any]]] = {
    "clients": [
        {
            "client_id": VENDOR,
            "secret": VENDOR_SECRET,
            "name": "Vendor",
            "roles": ["integration"],
            "scopes": ["sample.read", "sample.write"],
            "org": CITY,
        },
        {
            "client_id": READER,
            "secret": READER_SECRET,
            "name": "Province",
            "roles": ["province_reader"],
            "scopes": ["sample.read"],
            "org": PROVINCE,
        },
    ],
    "accounts": [
        {
            "username": ADMIN,
            "password": ADMIN_PASSWORD,
            "display_name": "Admin",
            "roles": ["city_admin"],
            "org": CITY,
        },
        {
            "username": HEAD,
            "password": HEAD_PASSWORD,
            "display_name": "Head",
            "roles": ["school_admin"],
            "org": SCHOOL,
        },
    ],
}

CITY_ADMIN = bearer(actor("city_admin", CITY))
COUNTY_ADMIN = bearer(actor("county_admin", COUNTY))
SCHOOL_ADMIN = bearer(actor("school_admin", SCHOOL))


@dataclass
class Clock:
    """The real time, moved on by hand."""

    ahead: dt.timedelta = field(default_factory=dt.timedelta)

    def __call__(self) -> dt.datetime:
        return clock.now() + self.ahead

    def advance(self, seconds: float) -> None:
        self.ahead += dt.timedelta(seconds=seconds)


@dataclass
class Running:
    """An issuer's application with clients at chosen addresses."""

    app: FastAPI
    settings: GatewaySettings
    clock: Clock
    stack: AsyncExitStack
    _http: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    @property
    def issuer(self) -> Issuer:
        issuer: Issuer = self.app.state.issuer
        return issuer

    @property
    def database(self) -> Database:
        database: Database = self.app.state.kernel.database
        return database

    async def at(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        if address not in self._http:
            transport = httpx.ASGITransport(app=self.app, client=(address, 4711), raise_app_exceptions=False)
            http = httpx.AsyncClient(transport=transport, base_url="http://gateway")
            self._http[address] = await self.stack.enter_async_context(http)
        return self._http[address]

    async def token(self, *, address: str = "192.0.2.1", **form: str) -> httpx.Response:
        return await (await self.at(address)).post("/oauth/token", data=form)

    async def machine(
        self, name: str = VENDOR, secret: str = VENDOR_SECRET, *, address: str = "192.0.2.1", **form: str
    ) -> httpx.Response:
        form = {"grant_type": "client_credentials", **form}
        return await (await self.at(address)).post("/oauth/token", data=form, auth=(name, secret))

    async def person(
        self, name: str = ADMIN, password: str = ADMIN_PASSWORD, *, address: str = "192.0.2.1", **form: str
    ) -> httpx.Response:
        return await self.token(address=address, grant_type="password", username=name, password=password, **form)

    async def call(
        self, method: str, path: str, headers: dict[str, str], json: Any = None, **more: Any
    ) -> httpx.Response:
        return await (await self.at()).request(method, f"/api/v1/identity{path}", headers=headers, json=json, **more)

    async def audit(self, action: str) -> list[tuple[str, dict[str, Any]]]:
        """Object and detail of the audit records of an action."""
        async with self.database.transaction("") as session:
            rows = await session.execute(
                text("select object, payload::jsonb -> 'detail' from audit_log where action = :action order by seq"),
                {"action": action},
            )
            return [(row[0], row[1]) for row in rows.all()]

    async def ensure(self, document: dict[str, Any] | None = None) -> Ensured:
        async with self.database.transaction("") as session:
            file = AccountsFile.model_validate(document or FILE)
            return await ensure_principals(session, self.issuer.hasher, file, at=self.clock())


def put_signing_key(settings: GatewaySettings) -> None:
    """Lets the issuer sign with the key that the other tests sign with."""
    settings.signing_folder.mkdir(mode=0o700)
    file = settings.signing_folder / "current.json"
    file.touch(0o600)
    file.write_text(SIGNING_KEY.to_json())


@asynccontextmanager
async def running_issuer(settings: GatewaySettings, identity: IdentitySettings | None = None) -> AsyncIterator[Running]:
    """The issuer, started, with the clients and accounts of ``FILE``."""
    moved = Clock()
    # The cheapest Argon2 there is: the tests count checks, they do not need them slow.
    identity = identity or IdentitySettings(argon2_memory_kib=8_192, argon2_passes=1)
    app = create_app(settings, identity=identity, now=moved)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        running = Running(app, settings, moved, stack)
        await running.ensure()
        await running.issuer.revocations.refresh(running.database)
        yield running


def bearer_of(response: httpx.Response) -> dict[str, str]:
    """The Authorization header of a token just got."""
    assert response.status_code == 200, response.text
    return {"Authorization": f"Bearer {response.json()['access_token']}"}


async def is_refused(issuer: Running, headers: dict[str, str]) -> bool:
    """Whether a token that is genuine was taken back."""

    async def keys() -> PublicKeys:
        return PublicKeys.of([SIGNING_KEY])

    verifier = TokenVerifier(KeySource(keys), issuer=ISSUER, audience=AUDIENCE)
    token = await verifier.verify(headers["Authorization"].removeprefix("Bearer "))
    return is_revoked_of(issuer.app)(token)
