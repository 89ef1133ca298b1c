"""No secret in a log, in the audit, or anywhere in the database."""

from __future__ import annotations

import logging
from urllib.parse import quote_plus

import pytest
import structlog
from sqlalchemy import text

from shared.kernel.audit.log import verify_chain
from tests.gateway.identity.support import (
    ADMIN_PASSWORD,
    CITY_ADMIN,
    HEAD,
    HEAD_PASSWORD,
    SCHOOL,
    VENDOR,
    VENDOR_SECRET,
    Running,
    bearer_of,
)

pytestmark = pytest.mark.anyio
WRONG, NEW = "a wrong but telling guess", "umbrella staple gun"


async def everything_happens(issuer: Running) -> set[str]:
    """Every use of a secret there is; returns all of them, tokens included."""
    machine, person = await issuer.machine(), await issuer.person(HEAD, HEAD_PASSWORD)
    await issuer.machine(secret=WRONG)
    await issuer.person(WRONG, WRONG)
    await issuer.person(HEAD, WRONG)
    key = {**CITY_ADMIN, "Idempotency-Key": "k"}
    client = {"client_id": "new-one", "name": "N", "roles": ["integration"], "scopes": [], "org_path": SCHOOL}
    created = (await issuer.call("POST", "/clients", key, json=client)).json()
    rotated = (await issuer.call("POST", f"/clients/{VENDOR}/secret", key)).json()
    account = {"username": "wang.fang", "display_name": "W", "roles": ["teacher"], "org_path": SCHOOL}
    invited = (await issuer.call("POST", "/accounts", key, json=account)).json()
    own = {**bearer_of(person), "Idempotency-Key": "own"}
    body = {"current_password": HEAD_PASSWORD, "new_password": NEW}
    assert (await issuer.call("POST", "/accounts/me/password", own, json=body)).status_code == 204
    await issuer.call("POST", "/accounts/me/password", own, json={"current_password": [WRONG], "new_password": 1})
    tokens = {answer.json()["access_token"] for answer in (machine, person)}
    await (await issuer.at()).post("/oauth/revoke", data={"token": person.json()["access_token"]})
    drawn = {created["client_secret"], rotated["client_secret"], invited["initial_password"]}
    return {VENDOR_SECRET, HEAD_PASSWORD, ADMIN_PASSWORD, WRONG, NEW, quote_plus(WRONG), *drawn, *tokens}


async def test_no_secret_is_written_anywhere(issuer: Running, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as events:
        secrets = await everything_happens(issuer)
    stored = "\n".join([*await _all_rows(issuer), caplog.text, repr(events)])
    assert "client.secret_rotated" in stored  # we did look at the rows
    assert "account.password_changed" in stored
    assert not [secret for secret in secrets if secret in stored]


async def test_the_audit_chain_holds(issuer: Running) -> None:
    await everything_happens(issuer)
    async with issuer.database.transaction("") as session:
        report = await verify_chain(session)
    assert report.first_bad_seq is None
    assert report.records >= 12


async def _all_rows(issuer: Running) -> list[str]:
    rows: list[str] = []
    async with issuer.database.transaction("") as session:
        tables = await session.scalars(
            text("select table_name from information_schema.tables where table_schema = current_schema()")
        )
        for table in tables.all():
            found = await session.scalars(text(f'select t::text from "{table}" t'))  # noqa: S608 - names of ours
            rows += found.all()
    return rows
