from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from gateway.identity.housekeeping import tidy
from gateway.identity.tables import LoginAttempts, RevokedToken
from tests.gateway.identity.support import VENDOR, VENDOR_SECRET, Running

pytestmark = pytest.mark.anyio


async def counts(issuer: Running) -> tuple[int, int]:
    async with issuer.database.transaction("") as session:
        attempts = await session.scalar(select(func.count()).select_from(LoginAttempts))
        tokens = await session.scalar(select(func.count()).select_from(RevokedToken))
        return attempts or 0, tokens or 0


async def test_only_what_no_longer_matters_is_forgotten(issuer: Running) -> None:
    token = (await issuer.machine()).json()["access_token"]
    form = {"token": token, "client_id": VENDOR, "client_secret": VENDOR_SECRET}
    await (await issuer.at()).post("/oauth/revoke", data=form)
    await issuer.person("nobody-here", "wrong wrong wrong")
    assert await counts(issuer) == (4, 1)  # the vendor's pair; pair, name and address of nobody
    await tidy(issuer.database, issuer.clock())
    assert await counts(issuer) == (4, 1)
    await tidy(issuer.database, issuer.clock() + dt.timedelta(days=3))
    assert await counts(issuer) == (1, 0)
    await tidy(issuer.database, issuer.clock() + dt.timedelta(days=31))
    assert await counts(issuer) == (0, 0)
