"""Every route of every service declares who may call it, and none hides from the documentation."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from gateway.identity.app import SERVICE as IDENTITY
from services.monitoring.app import SERVICE as MONITORING
from services.roster.app import SERVICE as ROSTER
from services.school_eval.app import SERVICE as SCHOOL_EVAL
from services.student_eval.app import SERVICE as STUDENT_EVAL
from services.teacher_eval.app import SERVICE as TEACHER_EVAL
from shared.kernel.app import Service, build_app
from shared.kernel.web.permissions import PublicRoute, RequiredPermission
from shared.kernel.web.route import TransactionalRoute, declared_permission
from tests.support.settings import settings_for

SERVICES = (ROSTER, MONITORING, SCHOOL_EVAL, TEACHER_EVAL, STUDENT_EVAL, IDENTITY)
ROOT = Path(__file__).parents[2]
#: Routes that need no token, and why that is right.
PUBLIC = {
    "/health/live": "a probe has no token",
    "/health/ready": "a probe has no token",
    "/metrics": "the gateway does not pass it on",
    "/oauth/token": "this is where tokens come from",
    "/oauth/revoke": "the caller shows its secret instead",
    "/.well-known/jwks.json": "public keys",
    "/.well-known/oauth-authorization-server": "public metadata (RFC 8414)",
}


def test_no_service_is_forgotten() -> None:
    folders = {path.parent.name for path in (ROOT / "services").glob("*/app.py")}
    assert folders == {service.name for service in SERVICES} - {IDENTITY.name}


@pytest.fixture(params=SERVICES, ids=lambda service: service.name)
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    service: Service = request.param
    values = {"gateway_url": "http://127.0.0.1:9", "client_id": "x"} if service not in (ROSTER, IDENTITY) else {}
    return build_app(
        service, settings_for(service.settings, tmp_path, database_url="postgresql+asyncpg://x/y", **values)
    )


def routes(app: Any) -> Iterator[tuple[str, APIRoute]]:
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            yield context.path, context.original_route


def test_every_route_declares_its_permission(app: Any) -> None:
    found = list(routes(app))
    undeclared = [path for path, route in found if declared_permission(route.dependant) is None and path not in PUBLIC]
    # A permission may be declared by the router instead of the route; public ones are named above.
    assert undeclared == []
    for path, route in found:
        if isinstance(declared_permission(route.dependant), PublicRoute):
            assert path in PUBLIC or "/code-lists" in path or "/regions" in path or "/public-" in path, path


def test_every_route_that_needs_a_token_runs_in_one_transaction(app: Any) -> None:
    for path, route in routes(app):
        if isinstance(declared_permission(route.dependant), RequiredPermission):
            assert isinstance(route, TransactionalRoute), path


def test_every_operation_is_documented_once(app: Any) -> None:
    documented = [
        (path, method.upper())
        for path, operations in app.openapi()["paths"].items()
        for method in operations
        if method in ("get", "put", "post", "delete", "patch")
    ]
    served = [(path, method) for path, route in routes(app) if route.include_in_schema for method in route.methods]
    assert sorted(documented) == sorted(served)
    ids = [op["operationId"] for ops in app.openapi()["paths"].values() for op in ops.values()]
    assert len(ids) == len(set(ids))


def test_the_documentation_names_the_permission_of_each_operation(app: Any) -> None:
    for path, operations in app.openapi()["paths"].items():
        for operation in operations.values():
            assert (
                "x-permission" in operation
                or path in PUBLIC
                or "/code-lists" in path
                or "/regions" in path
                or "/public-" in path
            ), path
