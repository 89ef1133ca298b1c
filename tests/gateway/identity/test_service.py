"""What holds for every service holds for the issuer."""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute

from gateway.identity.app import SERVICE
from gateway.settings import GatewaySettings
from shared.kernel.app import build_app
from shared.kernel.database import migrations
from shared.kernel.web.problems import problem_document
from shared.kernel.web.route import declared_permission
from shared.terms.errors import DomainError
from shared.terms.problem_catalogue import catalogue


def test_tables_and_migrations_agree(gateway_settings: GatewaySettings) -> None:
    assert migrations.drift(SERVICE.metadata, gateway_settings) == []
    assert not migrations.pending(SERVICE.migrations, gateway_settings)


def test_every_route_declares_who_may_use_it() -> None:
    routers = [*SERVICE.routers, *SERVICE.root_routers]
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    assert len(routes) == 20
    undeclared = [route.path for route in routes if declared_permission(route.dependant) is None]
    assert undeclared == []


def test_addresses(gateway_settings: GatewaySettings) -> None:
    paths = set(build_app(SERVICE, gateway_settings).openapi()["paths"])
    assert {"/oauth/token", "/oauth/revoke", "/.well-known/jwks.json", "/api/v1/identity/me"} <= paths
    assert all(path.startswith(("/oauth/", "/.well-known/", "/api/v1/identity/")) for path in paths)


@pytest.mark.parametrize("code", [code for code in catalogue() if code.split(".")[0] in ("oauth", "identity")])
def test_every_problem_can_be_told(code: str) -> None:
    for language in ("zh", "en"):
        _, document = problem_document(DomainError(code), language=language)
        assert document["title"]
