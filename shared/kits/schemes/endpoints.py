"""Routes of a service's schemes: drafts, versions, comparisons, and the schemes that come with the platform."""

from fastapi import APIRouter

from shared.kernel.web.permissions import Permissions
from shared.kernel.web.route import TransactionalRoute
from shared.kits.schemes.built_in_endpoints import add_built_ins
from shared.kits.schemes.comparing import add_comparisons
from shared.kits.schemes.draft_endpoints import add_draft, add_nodes
from shared.kits.schemes.mounting import Schemes
from shared.kits.schemes.version_endpoints import add_publishing, add_reading


def schemes_routers(on: Schemes, permissions: Permissions) -> tuple[APIRouter, ...]:
    """Routes of the schemes of a service; it grants ``schemes.read``, ``schemes.write`` and ``schemes.publish``.

    Args:
        on: the service's schemes.
        permissions: the service's table of permissions.
    """
    built_in = APIRouter(route_class=TransactionalRoute, prefix="/built-in-schemes", tags=["schemes"])
    schemes = APIRouter(route_class=TransactionalRoute, prefix="/schemes", tags=["schemes"])
    add_built_ins(built_in, on, permissions)
    add_comparisons(schemes, on, permissions)
    add_reading(schemes, on, permissions)
    add_draft(schemes, on, permissions)
    add_nodes(schemes, on, permissions)
    add_publishing(schemes, on, permissions)
    return built_in, schemes
