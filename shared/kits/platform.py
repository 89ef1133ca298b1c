"""The platform itself as the one who acts, when a clock or a sweep does."""

from __future__ import annotations

from shared.terms.actor import Actor, Role


def platform_actor(service: str) -> Actor:
    """An actor who reaches every row of a service and has no scope at any route."""
    return Actor("platform", f"{service}-sweep", frozenset({Role.INTEGRATION}), frozenset(), "")
