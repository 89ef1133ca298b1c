from __future__ import annotations

import httpx
import pytest

from gateway.identity.app import is_revoked_of
from gateway.identity.settings import IdentitySettings
from tests.gateway.identity.support import (
    CITY_ADMIN,
    HEAD,
    HEAD_PASSWORD,
    SCHOOL,
    SCHOOL_ADMIN,
    VENDOR,
    Running,
    bearer_of,
)

pytestmark = pytest.mark.anyio
NEW = "umbrella staple gun"


async def change(issuer: Running, headers: dict[str, str], current: str, new: str) -> httpx.Response:
    body = {"current_password": current, "new_password": new}
    return await issuer.call("POST", "/accounts/me/password", headers, json=body)


async def test_a_changed_password_is_the_only_one_that_works(issuer: Running) -> None:
    headers = bearer_of(await issuer.person(HEAD, HEAD_PASSWORD))
    assert (await change(issuer, headers, HEAD_PASSWORD, NEW)).status_code == 204
    assert (await issuer.person(HEAD, HEAD_PASSWORD)).status_code == 400
    assert (await issuer.person(HEAD, NEW)).status_code == 200
    token = await issuer.settings.verifier().verify(headers["Authorization"].removeprefix("Bearer "))
    assert is_revoked_of(issuer.app)(token)


async def test_the_first_login_ends_in_a_full_token(issuer: Running) -> None:
    body = {"username": "wang.fang", "display_name": "王芳", "roles": ["teacher"], "org_path": SCHOOL}
    initial = (await issuer.call("POST", "/accounts", SCHOOL_ADMIN, json=body)).json()["initial_password"]
    headers = bearer_of(await issuer.person("wang.fang", initial))
    assert (await change(issuer, headers, initial, NEW)).status_code == 204
    login = (await issuer.person("wang.fang", NEW)).json()
    assert (login["scope"], login["must_change_password"]) == ("*", False)


async def test_the_rules_are_told_all_at_once_in_the_callers_language(issuer: Running) -> None:
    headers = {**bearer_of(await issuer.person(HEAD, HEAD_PASSWORD)), "Accept-Language": "en"}
    weak = await change(issuer, headers, HEAD_PASSWORD, "aaaa")
    assert (weak.status_code, weak.json()["code"]) == (422, "identity.password_rules")
    assert {fault["code"] for fault in weak.json()["errors"]} == {"password.too_short", "password.unvaried"}
    assert "12 to 128 characters" in weak.json()["detail"]
    same = await change(issuer, headers, HEAD_PASSWORD, HEAD_PASSWORD)
    assert [fault["code"] for fault in same.json()["errors"]] == ["password.unchanged"]
    named = await change(issuer, headers, HEAD_PASSWORD, f"{HEAD}-2026-autumn")
    assert [fault["code"] for fault in named.json()["errors"]] == ["password.like_username"]


async def test_a_stolen_token_cannot_guess_the_password(issuer: Running) -> None:
    headers = bearer_of(await issuer.person(HEAD, HEAD_PASSWORD))
    codes = []
    for number in range(IdentitySettings().pair.allowed + 3):
        answer = await change(issuer, headers, f"wrong wrong {number}", NEW)
        codes.append(answer.json()["code"])
    assert codes[0] == "identity.current_password_wrong"
    assert codes[-1] == "identity.slow_down"
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    huge = await change(issuer, headers, "x" * 100_000, NEW)
    assert huge.status_code == 422


async def test_machines_have_no_password(issuer: Running) -> None:
    machine = bearer_of(await issuer.machine())
    assert (await change(issuer, machine, "a", NEW)).status_code == 403
    me = (await issuer.call("GET", "/me", machine)).json()
    assert (me["kind"], me["name"], me["permissions"]) == ("client", VENDOR, ["own.read"])
    # A token that names nobody here (its account is gone) finds nothing.
    assert (await issuer.call("GET", "/me", CITY_ADMIN)).status_code == 404
