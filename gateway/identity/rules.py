"""Who may give which role to whom, as tables; no clock, no database."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel, org_path, path_level, path_segments

#: Levels at which a role makes sense. A county's administrator sitting at the city would administer every county.
ROLE_LEVELS: Mapping[Role, frozenset[OrgLevel]] = {
    Role.PROVINCE_READER: frozenset({OrgLevel.PROVINCE, OrgLevel.CITY}),
    Role.CITY_ADMIN: frozenset({OrgLevel.CITY}),
    Role.CITY_ANALYST: frozenset({OrgLevel.CITY}),
    Role.COUNTY_ADMIN: frozenset({OrgLevel.COUNTY}),
    Role.COUNTY_REVIEWER: frozenset({OrgLevel.COUNTY}),
    Role.INSPECTOR: frozenset({OrgLevel.CITY, OrgLevel.COUNTY}),
    Role.SCHOOL_ADMIN: frozenset({OrgLevel.SCHOOL}),
    Role.SCHOOL_OPERATOR: frozenset({OrgLevel.SCHOOL}),
    Role.TEACHER: frozenset({OrgLevel.SCHOOL, OrgLevel.CLASS}),
    Role.STUDENT: frozenset({OrgLevel.SCHOOL, OrgLevel.CLASS}),
    Role.GUARDIAN: frozenset({OrgLevel.SCHOOL, OrgLevel.CLASS}),
    Role.INTEGRATION: frozenset(OrgLevel) - {OrgLevel.CLASS},
}

#: Roles a machine may hold; all others are for people. The province reads by machine and by person.
MACHINE_ROLES = frozenset({Role.INTEGRATION, Role.PROVINCE_READER})
PERSON_ROLES = frozenset(Role) - {Role.INTEGRATION}

_OF_SCHOOLS = frozenset({Role.SCHOOL_ADMIN, Role.SCHOOL_OPERATOR, Role.TEACHER, Role.STUDENT, Role.GUARDIAN})
_OF_COUNTIES = frozenset({Role.COUNTY_ADMIN, Role.COUNTY_REVIEWER, Role.INSPECTOR}) | _OF_SCHOOLS

#: Roles that the holder of a role may give, change and take: its own and those below, never one above.
GRANTABLE: Mapping[Role, frozenset[Role]] = {
    Role.CITY_ADMIN: frozenset(Role),
    Role.COUNTY_ADMIN: _OF_COUNTIES,
    Role.SCHOOL_ADMIN: _OF_SCHOOLS,
}

#: Scope of one's own account alone; what a person has who must first change the password.
SELF_SCOPE = "identity.self"
_SCOPE = re.compile(r"^[a-z][a-z_-]{0,40}\.[a-z][a-z_]{0,40}$")


def is_org_path(path: str) -> bool:
    """Whether a text is the path of an organization."""
    try:
        path_level(path)
        # A code never begins with a dot: "../" must not mean anything to whoever sees a path later.
        return org_path(*path_segments(path)) == path and not path.startswith(".") and "/." not in path
    except ValueError:
        return False


def is_scope(text: str) -> bool:
    """Whether a text has the form of a scope, e.g. ``roster.read``."""
    return _SCOPE.match(text) is not None


def principal_faults(roles: Collection[Role], org: str, *, for_machine: bool) -> list[Fault]:
    """What is wrong with these roles at this organization, whoever gives them."""
    if not is_org_path(org):
        return [Fault("identity.organization_path", pointer="/org_path")]
    kind_roles = MACHINE_ROLES if for_machine else PERSON_ROLES
    level = path_level(org)
    faults = []
    for role in sorted(roles):
        if role not in kind_roles:
            allowed = ", ".join(sorted(kind_roles))
            faults.append(Fault("identity.role_kind", pointer="/roles", value=role.value, allowed=allowed))
        elif level not in ROLE_LEVELS[role]:
            allowed = ", ".join(sorted(ROLE_LEVELS[role]))
            params = {"role": role.value, "level": level.value}
            faults.append(
                Fault("identity.role_level", pointer="/roles", value=role.value, allowed=allowed, params=params)
            )
    return faults


def scope_faults(scopes: Collection[str]) -> list[Fault]:
    """What is wrong with the scopes of a machine; it never holds ``*``."""
    return [
        Fault("identity.scope_form", pointer="/scopes", value=scope[:80]) for scope in scopes if not is_scope(scope)
    ]


def grantable_roles(actor: Actor) -> frozenset[Role]:
    """Roles the actor may give, change and take."""
    return frozenset[Role]().union(*(GRANTABLE.get(role, frozenset()) for role in actor.roles))


def check_management(actor: Actor, *, roles: Collection[Role], org: str) -> None:
    """Refuses an actor who would create or change somebody beyond the own authority.

    Args:
        actor: who manages.
        roles: every role concerned: those held now and those to be held.
        org: where the managed one sits, or is to sit.

    Raises:
        DomainError: ``identity.organization_outside`` or ``identity.role_not_grantable``.
    """
    if not actor.covers(org):
        raise DomainError("identity.organization_outside", params={"org": org, "own": actor.org})
    beyond = sorted(set(roles) - grantable_roles(actor))
    if beyond:
        raise DomainError("identity.role_not_grantable", params={"roles": ", ".join(beyond)})
