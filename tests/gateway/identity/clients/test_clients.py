from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.identity.support import (
    CITY,
    CITY_ADMIN,
    COUNTY,
    COUNTY_ADMIN,
    READER,
    SCHOOL,
    SCHOOL_ADMIN,
    VENDOR,
    VENDOR_SECRET,
    Running,
    bearer_of,
)
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio


def wanted(**changes: Any) -> dict[str, Any]:
    return {
        "client_id": "new-vendor",
        "name": "新厂商",
        "roles": ["integration"],
        "scopes": ["roster.write", "roster.read"],
        "org_path": SCHOOL,
        "source_system": "smart-campus",
        **changes,
    }


async def test_a_client_is_created_used_and_its_secret_shown_once(issuer: Running) -> None:
    created = await issuer.call("POST", "/clients", CITY_ADMIN, json=wanted())
    assert created.status_code == 201, created.text
    assert created.headers["location"] == "/api/v1/identity/clients/new-vendor"
    body = created.json()
    assert (await issuer.machine("new-vendor", body["client_secret"])).json()["scope"] == "roster.read roster.write"
    read = (await issuer.call("GET", "/clients/new-vendor", CITY_ADMIN)).json()
    assert read == {name: value for name, value in body.items() if name != "client_secret"}
    assert body["client_secret"] not in str((await issuer.call("GET", "/clients", CITY_ADMIN)).json())


async def test_a_rotated_secret_replaces_the_old_one_at_once(issuer: Running) -> None:
    assert (await issuer.machine()).status_code == 200  # remembered now, which must not keep it alive
    rotated = await issuer.call("POST", f"/clients/{VENDOR}/secret", CITY_ADMIN)
    assert (await issuer.machine()).status_code == 401
    assert (await issuer.machine(secret=rotated.json()["client_secret"])).status_code == 200
    assert rotated.json()["client_secret"] != VENDOR_SECRET


async def test_an_idempotency_key_keeps_no_secret(issuer: Running) -> None:
    headers = {**CITY_ADMIN, "Idempotency-Key": "once"}
    first = await issuer.call("POST", f"/clients/{VENDOR}/secret", headers)
    second = await issuer.call("POST", f"/clients/{VENDOR}/secret", headers)
    assert first.json()["client_secret"] != second.json()["client_secret"]
    assert (await issuer.machine(secret=second.json()["client_secret"])).status_code == 200


async def test_only_the_city_manages_clients(issuer: Running) -> None:
    vendor = bearer_of(await issuer.machine())
    analyst = bearer(actor("city_analyst", CITY))
    narrow = bearer(actor("city_admin", CITY, scopes=("identity.read",)))
    for headers in (COUNTY_ADMIN, SCHOOL_ADMIN, vendor, analyst, narrow):
        for method, path in (
            ("POST", "/clients"),
            ("PUT", f"/clients/{VENDOR}"),
            ("POST", f"/clients/{VENDOR}/secret"),
            ("POST", f"/clients/{VENDOR}/disable"),
            ("POST", f"/clients/{VENDOR}/enable"),
        ):
            answer = await issuer.call(method, path, headers, json=wanted())
            assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")
    assert (await issuer.call("GET", "/clients", {})).status_code == 401


async def test_clients_of_the_province_are_not_the_citys(issuer: Running) -> None:
    assert (await issuer.call("GET", f"/clients/{READER}", CITY_ADMIN)).status_code == 404
    assert (await issuer.call("POST", f"/clients/{READER}/secret", CITY_ADMIN)).status_code == 404
    listed = (await issuer.call("GET", "/clients", CITY_ADMIN)).json()["items"]
    assert [client["client_id"] for client in listed] == [VENDOR]
    outside = await issuer.call("POST", "/clients", CITY_ADMIN, json=wanted(org_path="99/"))
    assert (outside.status_code, outside.json()["code"]) == (403, "identity.organization_outside")


FAULTY: list[tuple[dict[str, Any], str]] = [
    ({"roles": ["city_admin"], "org_path": CITY}, "identity.role_kind"),
    ({"scopes": ["*"]}, "identity.scope_form"),
    ({"client_id": "0199b0c4-5f4e-7000-8000-000000000000"}, "field.pattern"),
    ({"org_path": "99/9900/../"}, "identity.organization_path"),
    ({"org_path": CITY.rstrip("/")}, "field.pattern"),
    ({"name": "a\x00b"}, "field.pattern"),
    ({"is_disabled": False}, "field.unknown"),
    ({"roles": []}, "field.too_few_entries"),
]


async def test_what_no_client_may_be(issuer: Running) -> None:
    for changes, code in FAULTY:
        answer = await issuer.call("POST", "/clients", CITY_ADMIN, json=wanted(**changes))
        assert answer.status_code == 422, answer.text
        assert code in {fault["code"] for fault in answer.json()["errors"]}, changes


async def test_names_are_unique_and_some_are_ours(issuer: Running) -> None:
    for name in (VENDOR, "console"):
        taken = await issuer.call("POST", "/clients", CITY_ADMIN, json=wanted(client_id=name))
        assert (taken.status_code, taken.json()["code"]) == (409, "identity.name_taken")
    # A name taken where the city cannot see it is refused by the database.
    hidden = await issuer.call("POST", "/clients", CITY_ADMIN, json=wanted(client_id=READER))
    assert hidden.status_code == 409


async def test_edits_are_held_to_the_version_they_saw(issuer: Running) -> None:
    change = {name: value for name, value in wanted(org_path=COUNTY).items() if name != "client_id"}
    assert (await issuer.call("PUT", f"/clients/{VENDOR}", CITY_ADMIN, json=change)).status_code == 428
    tag = (await issuer.call("GET", f"/clients/{VENDOR}", CITY_ADMIN)).headers["etag"]
    edited = await issuer.call("PUT", f"/clients/{VENDOR}", {**CITY_ADMIN, "If-Match": tag}, json=change)
    assert (edited.status_code, edited.json()["org_path"]) == (200, COUNTY)
    assert (
        await issuer.call("PUT", f"/clients/{VENDOR}", {**CITY_ADMIN, "If-Match": tag}, json=change)
    ).status_code == 412
    actions = [action for action in ("client.changed", "client.created") if await issuer.audit(action)]
    assert "client.changed" in actions
