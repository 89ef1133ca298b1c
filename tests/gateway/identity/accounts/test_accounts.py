from __future__ import annotations

from typing import Any

import pytest

from tests.gateway.identity.support import (
    ADMIN,
    CITY,
    CITY_ADMIN,
    COUNTY,
    COUNTY_ADMIN,
    HEAD,
    HEAD_PASSWORD,
    OTHER_COUNTY,
    OTHER_SCHOOL,
    SCHOOL,
    SCHOOL_ADMIN,
    Running,
    bearer_of,
    is_refused,
)

pytestmark = pytest.mark.anyio


def wanted(**changes: Any) -> dict[str, Any]:
    body = {"username": "wang.fang", "display_name": "王芳", "roles": ["teacher"], "org_path": SCHOOL}
    return {**body, **changes}


async def test_a_new_account_must_change_its_password_before_anything_else(issuer: Running) -> None:
    created = await issuer.call("POST", "/accounts", SCHOOL_ADMIN, json=wanted())
    assert created.status_code == 201, created.text
    login = await issuer.person("wang.fang", created.json()["initial_password"])
    assert (login.json()["scope"], login.json()["must_change_password"]) == ("identity.self", True)
    me = (await issuer.call("GET", "/me", bearer_of(login))).json()
    assert (me["must_change_password"], me["roles"], me["org_path"]) == (True, ["teacher"], SCHOOL)
    for scope in ("*", "roster.read"):
        wider = await issuer.person("wang.fang", created.json()["initial_password"], scope=scope)
        assert wider.json()["error"] == "invalid_scope"
    read = (await issuer.call("GET", "/accounts/wang.fang", SCHOOL_ADMIN)).json()
    assert "initial_password" not in read


ESCALATIONS: list[tuple[dict[str, str], list[str], str, str]] = [
    (SCHOOL_ADMIN, ["city_admin"], CITY, "identity.organization_outside"),
    (SCHOOL_ADMIN, ["city_admin"], SCHOOL, "identity.role_not_grantable"),
    (SCHOOL_ADMIN, ["teacher", "county_admin"], SCHOOL, "identity.role_not_grantable"),
    (SCHOOL_ADMIN, ["teacher"], OTHER_SCHOOL, "identity.organization_outside"),
    (SCHOOL_ADMIN, ["integration"], SCHOOL, "identity.role_not_grantable"),
    (COUNTY_ADMIN, ["city_analyst"], COUNTY, "identity.role_not_grantable"),
    (COUNTY_ADMIN, ["county_admin"], OTHER_COUNTY, "identity.organization_outside"),
    (CITY_ADMIN, ["province_reader"], "99/", "identity.organization_outside"),
]


async def test_nobody_creates_or_makes_more_than_they_are(issuer: Running) -> None:
    assert (await issuer.call("POST", "/accounts", CITY_ADMIN, json=wanted())).status_code == 201
    for manager, roles, org, code in ESCALATIONS:
        body = wanted(username="climber", roles=roles, org_path=org)
        created = await issuer.call("POST", "/accounts", manager, json=body)
        assert (created.status_code, created.json()["code"]) == (403, code), roles
        del body["username"]
        edited = await issuer.call("PUT", "/accounts/wang.fang", {**manager, "If-Match": "*"}, json=body)
        assert (edited.status_code, edited.json()["code"]) == (403, code), roles
    assert (await issuer.call("GET", "/accounts/climber", CITY_ADMIN)).status_code == 404
    unchanged = (await issuer.call("GET", "/accounts/wang.fang", CITY_ADMIN)).json()
    assert (unchanged["roles"], unchanged["org_path"]) == (["teacher"], SCHOOL)


async def test_roles_must_fit_the_level(issuer: Running) -> None:
    answer = await issuer.call(
        "POST", "/accounts", CITY_ADMIN, json=wanted(roles=["county_admin", "teacher"], org_path=CITY)
    )
    assert [fault["code"] for fault in answer.json()["errors"]] == ["identity.role_level"] * 2


async def test_those_above_and_beside_cannot_be_touched(issuer: Running) -> None:
    county = wanted(username="county-head", roles=["county_admin"], org_path=COUNTY)
    other = wanted(username="other-teacher", org_path=OTHER_SCHOOL)
    for body in (county, other):
        assert (await issuer.call("POST", "/accounts", CITY_ADMIN, json=body)).status_code == 201
    for name in (ADMIN, "county-head", "other-teacher", "nobody"):
        for path in (f"/accounts/{name}/password", f"/accounts/{name}/disable", f"/accounts/{name}/enable"):
            assert (await issuer.call("POST", path, SCHOOL_ADMIN)).status_code == 404
        assert (await issuer.call("GET", f"/accounts/{name}", SCHOOL_ADMIN)).status_code == 404
    listed = (await issuer.call("GET", "/accounts", SCHOOL_ADMIN)).json()["items"]
    assert [account["username"] for account in listed] == [HEAD]
    listed = (await issuer.call("GET", "/accounts", COUNTY_ADMIN)).json()["items"]
    assert [account["username"] for account in listed] == ["county-head", "other-teacher", HEAD]


async def test_a_teacher_manages_nobody(issuer: Running) -> None:
    created = await issuer.call("POST", "/accounts", SCHOOL_ADMIN, json=wanted())
    first = bearer_of(await issuer.person("wang.fang", created.json()["initial_password"]))
    for headers in (first, bearer_of(await issuer.machine())):
        assert (await issuer.call("GET", "/accounts", headers)).status_code == 403
        assert (await issuer.call("POST", "/accounts", headers, json=wanted(username="x-y-z"))).status_code == 403


async def test_nobody_manages_the_own_account(issuer: Running) -> None:
    headers = bearer_of(await issuer.person(HEAD, HEAD_PASSWORD))
    change = {"display_name": "Me", "roles": ["school_admin"], "org_path": SCHOOL}
    answers = [
        await issuer.call("POST", f"/accounts/{HEAD}/disable", headers),
        await issuer.call("POST", f"/accounts/{HEAD}/password", headers),
        await issuer.call("PUT", f"/accounts/{HEAD}", {**headers, "If-Match": "*"}, json=change),
    ]
    assert [answer.json()["code"] for answer in answers] == ["identity.own_account"] * 3


async def test_names_are_unique(issuer: Running) -> None:
    taken = await issuer.call("POST", "/accounts", CITY_ADMIN, json=wanted(username=HEAD))
    assert (taken.status_code, taken.json()["code"]) == (409, "identity.name_taken")
    hidden = await issuer.call("POST", "/accounts", SCHOOL_ADMIN, json=wanted(username=ADMIN))
    assert hidden.status_code == 409
    for name in ("me", "Wang Fang", "王芳", "a\x00b"):
        answer = await issuer.call("POST", "/accounts", CITY_ADMIN, json=wanted(username=name))
        assert answer.status_code == 422


async def test_an_account_stands_for_one_person(issuer: Running) -> None:
    key = "abcdefghijklmnopqrstuvwx23"
    created = await issuer.call("POST", "/accounts", SCHOOL_ADMIN, json=wanted(person_key=key))
    assert created.json()["person_key"] == key
    password = created.json()["initial_password"]
    login = await issuer.person("wang.fang", password)
    assert (await issuer.call("GET", "/me", bearer_of(login))).json()["person_key"] == key
    taken = await issuer.call("POST", "/accounts", SCHOOL_ADMIN, json=wanted(username="wang.fang2", person_key=key))
    assert (taken.status_code, taken.json()["code"]) == (409, "identity.person_taken")
    read = await issuer.call("GET", "/accounts/wang.fang", SCHOOL_ADMIN)
    body = {name: value for name, value in wanted().items() if name != "username"}
    headers = SCHOOL_ADMIN | {"If-Match": read.headers["etag"]}
    changed = await issuer.call("PUT", "/accounts/wang.fang", headers, json=body)
    assert changed.json()["person_key"] is None
    # What a token said of the person ends with the change.
    assert await is_refused(issuer, bearer_of(login))
    refused = await issuer.call(
        "POST", "/accounts", SCHOOL_ADMIN, json=wanted(username="li", person_key="110101199001011234")
    )
    assert refused.status_code == 422
