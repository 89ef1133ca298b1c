"""What can be done to clients and accounts, and by whom; the finer rules stand in ``rules.py``."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.identity.rules import SELF_SCOPE
from shared.kernel.web.permissions import Grant, Permissions
from shared.terms.actor import Actor, Role
from shared.terms.organization import OrgLevel

READ, WRITE = "identity.read", "identity.write"


@dataclass(frozen=True, slots=True)
class AnyToken(Grant):
    """Whoever has a token that holds."""

    def allows(self, actor: Actor) -> bool:  # noqa: ARG002 - whoever it is
        """Yes: everybody may know what their own token says."""
        return True


_EVERYONE = frozenset(Role)
_CITY = frozenset({Role.CITY_ADMIN})
_ADMINISTRATORS = frozenset({Role.CITY_ADMIN, Role.COUNTY_ADMIN, Role.SCHOOL_ADMIN})
_AT_CITY = frozenset({OrgLevel.CITY})

PERMISSIONS = Permissions(
    {
        "clients.read": Grant(READ, _CITY, _AT_CITY),
        "clients.write": Grant(WRITE, _CITY, _AT_CITY),
        "accounts.read": Grant(READ, _ADMINISTRATORS),
        "accounts.write": Grant(WRITE, _ADMINISTRATORS),
        "own.read": AnyToken(SELF_SCOPE, _EVERYONE),
        "own.write": Grant(SELF_SCOPE, _EVERYONE - {Role.INTEGRATION}),
    }
)
