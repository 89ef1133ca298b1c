"""Who may give which role to whom: the table, and what must hold whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.rules import (
    GRANTABLE,
    ROLE_LEVELS,
    check_management,
    grantable_roles,
    is_org_path,
    is_scope,
    principal_faults,
    scope_faults,
)
from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel
from tests.gateway.identity.support import CITY, COUNTY, OTHER_COUNTY, PROVINCE, SCHOOL
from tests.support.settings import actor

_RANK = {level: rank for rank, level in enumerate(OrgLevel)}
ROLES = st.sampled_from(Role)
ORGS = st.sampled_from([PROVINCE, CITY, COUNTY, OTHER_COUNTY, SCHOOL, SCHOOL + "1/"])


def test_every_role_sits_somewhere() -> None:
    assert set(ROLE_LEVELS) == set(Role)
    assert all(ROLE_LEVELS.values())


@given(manager=st.sampled_from(sorted(GRANTABLE)), granted=ROLES)
def test_nobody_grants_a_role_that_sits_above_the_own(manager: Role, granted: Role) -> None:
    if granted in GRANTABLE[manager] and manager is not Role.CITY_ADMIN:
        own = min(_RANK[level] for level in ROLE_LEVELS[manager])
        assert max(_RANK[level] for level in ROLE_LEVELS[granted]) >= own
        assert granted not in (Role.CITY_ADMIN, Role.CITY_ANALYST, Role.PROVINCE_READER, Role.INTEGRATION)


def test_granting_is_transitive_so_that_no_chain_of_grants_climbs() -> None:
    for manager, granted in GRANTABLE.items():
        for role in granted:
            assert GRANTABLE.get(role, frozenset()) <= GRANTABLE[manager], (manager, role)


@given(role=ROLES, org=ORGS, target=ROLES, at=ORGS)
def test_management_stays_within_organization_and_roles(role: Role, org: str, target: Role, at: str) -> None:
    manager = actor(role, org)
    allowed = at.startswith(org) and target in GRANTABLE.get(role, frozenset())
    if allowed:
        check_management(manager, roles=[target], org=at)
        return
    with pytest.raises(DomainError) as refusal:
        check_management(manager, roles=[target], org=at)
    expected = "identity.role_not_grantable" if at.startswith(org) else "identity.organization_outside"
    assert refusal.value.code == expected


def test_one_role_beyond_the_own_authority_refuses_all() -> None:
    with pytest.raises(DomainError) as refusal:
        check_management(actor("school_admin", SCHOOL), roles=[Role.TEACHER, Role.COUNTY_ADMIN], org=SCHOOL)
    assert refusal.value.params == {"roles": "county_admin"}


def test_roles_add_up() -> None:
    both = Actor("a", "c", frozenset({Role.SCHOOL_ADMIN, Role.COUNTY_ADMIN}), frozenset({"*"}), COUNTY)
    assert grantable_roles(both) == GRANTABLE[Role.COUNTY_ADMIN]
    assert grantable_roles(actor("teacher", SCHOOL)) == frozenset()


@pytest.mark.parametrize(
    ("role", "org", "for_machine", "expected"),
    [
        (Role.CITY_ADMIN, CITY, False, []),
        (Role.COUNTY_ADMIN, CITY, False, ["identity.role_level"]),
        (Role.SCHOOL_ADMIN, COUNTY, False, ["identity.role_level"]),
        (Role.TEACHER, SCHOOL + "1/", False, []),
        (Role.INTEGRATION, SCHOOL, True, []),
        (Role.INTEGRATION, SCHOOL, False, ["identity.role_kind"]),
        (Role.CITY_ADMIN, CITY, True, ["identity.role_kind"]),
        (Role.PROVINCE_READER, PROVINCE, True, []),
        (Role.CITY_ADMIN, "99/9900", False, ["identity.organization_path"]),
        (Role.CITY_ADMIN, "", False, ["identity.organization_path"]),
    ],
)
def test_roles_fit_kind_and_level(role: Role, org: str, for_machine: bool, expected: list[str]) -> None:
    assert [fault.code for fault in principal_faults([role], org, for_machine=for_machine)] == expected


@pytest.mark.parametrize("path", ["99/../", "99//", "/99/", "99/9900/x y/", "a/b/c/d/e/f/"])
def test_paths_that_are_none(path: str) -> None:
    assert not is_org_path(path)


def test_a_machine_never_holds_everything() -> None:
    assert is_scope("roster.read")
    assert [fault.value for fault in scope_faults(["roster.read", "*", "Roster.Read", "roster", "a.b c.d"])] == [
        "*",
        "Roster.Read",
        "roster",
        "a.b c.d",
    ]
