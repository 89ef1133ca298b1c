"""The gateway as an application: its edge, the services behind it, and the issuer of tokens."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.types import ASGIApp

from gateway.edge.application import Edge, build_edge
from gateway.edge.authenticate import IsRevoked
from gateway.settings import GatewaySettings


def create_edge_from_settings(
    settings: GatewaySettings,
    *,
    identity_app: ASGIApp,
    upstreams: Mapping[str, ASGIApp | str] | None = None,
    is_revoked: IsRevoked | None = None,
) -> Edge:
    """The edge of a configured gateway.

    Args:
        settings: read from the environment.
        identity_app: issues tokens and publishes keys, in this process.
        upstreams: services of this process, in the all-in-one topology; otherwise those of the settings.
        is_revoked: asked for every request's token.
    """
    return build_edge(
        settings.edge_settings(),
        upstreams=upstreams if upstreams is not None else settings.upstreams,
        identity_app=identity_app,
        verifier=settings.verifier(),
        about=settings.about(),
        is_revoked=is_revoked,
    )
