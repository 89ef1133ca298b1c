"""Permissions: one table per service, one declaration per route, one decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Request

from shared.terms.actor import Actor, Role
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


@dataclass(frozen=True, slots=True)
class Grant:
    """Who may perform an action: any of the roles, holding the scope, sitting at one of the levels (or any)."""

    scope: str
    roles: frozenset[Role]
    levels: frozenset[OrgLevel] = field(default_factory=lambda: frozenset(OrgLevel))

    def allows(self, actor: Actor) -> bool:
        """Whether the actor may act; people hold the scope ``*``, machines only those they were given."""
        return (
            bool(actor.roles & self.roles)
            and ("*" in actor.scopes or self.scope in actor.scopes)
            and actor.level in self.levels
        )


class Permissions:
    """The actions of one service and who may perform them."""

    def __init__(self, grants: Mapping[str, Grant]) -> None:
        self.grants = dict(grants)

    def requires(self, action: str) -> RequiredPermission:
        """Dependency of a route: refuses everyone the action is not granted to, returns the actor.

        Raises:
            KeyError: the action is not in the table.
        """
        return RequiredPermission(action, self.grants[action])


class RequiredPermission:
    """What a route declares; the route walk of the tests finds it by type."""

    def __init__(self, action: str, grant: Grant) -> None:
        self.action = action
        self.grant = grant

    async def __call__(self, request: Request) -> Actor:
        actor: Actor | None = getattr(request.state, "actor", None)
        if actor is None:
            raise DomainError("auth.token_missing")
        if not self.grant.allows(actor):
            raise DomainError("auth.forbidden", params={"action": self.action})
        return actor


class PublicRoute:
    """Declared by the few routes that need no token: health, discovery, keys, tokens."""

    action = "public"

    async def __call__(self) -> None:
        return None


public = PublicRoute()
