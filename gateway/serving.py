"""The gateway's application from the environment: what granian calls in its worker process."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from gateway.app import create_edge_from_settings
from gateway.edge.application import Edge
from gateway.identity.app import create_app as create_identity_app
from gateway.identity.app import is_revoked_of
from gateway.settings import GatewaySettings
from shared.kernel.logging import configure_logging
from shared.kernel.settings import load_settings


def create_app(upstreams: Mapping[str, ASGIApp | str] | None = None) -> Edge:
    """The edge with the issuer in it.

    Args:
        upstreams: services of this process, in the all-in-one topology, whose caller sets up the logs; when left out the
            services are those of the settings and this process is the gateway alone.

    Raises:
        ConfigurationError: the environment does not describe a gateway that can run.
        ValueError: a signing key is readable by others, or is none.
    """
    settings = load_settings(GatewaySettings)
    if upstreams is None:
        configure_logging("gateway", settings.log_level)
    identity_app = create_identity_app(settings, identity=settings.identity)
    return create_edge_from_settings(
        settings, identity_app=identity_app, upstreams=upstreams, is_revoked=is_revoked_of(identity_app)
    )
