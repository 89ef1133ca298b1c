"""The issuer of tokens as a service of the kernel, and as an application for the edge to mount."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from gateway.edge.authenticate import IsRevoked
from gateway.identity.accounts import endpoints as accounts
from gateway.identity.accounts import own
from gateway.identity.clients import endpoints as clients
from gateway.identity.housekeeping import kept_tidy
from gateway.identity.issuer import Issuer, open_issuer
from gateway.identity.permissions import PERMISSIONS
from gateway.identity.settings import IdentitySettings
from gateway.identity.tables import Base
from gateway.identity.tokens import endpoints as tokens
from gateway.identity.tokens import metadata
from gateway.settings import GatewaySettings
from shared.kernel import clock
from shared.kernel.app import Service, build_app
from shared.kernel.context import Kernel

#: Named after its schema and roles; its routes stand under ``/api/v1/identity``.
SERVICE = Service(
    name="gateway",
    slug="identity",
    title="身份与令牌 / Identity",
    settings=GatewaySettings,
    permissions=PERMISSIONS,
    routers=(own.router, accounts.router, clients.router),
    root_routers=(tokens.router, metadata.router),
    jobs=(),
    metadata=Base.metadata,
    migrations=Path(__file__).parent / "migrations",
)


def create_app(
    settings: GatewaySettings,
    *,
    identity: IdentitySettings | None = None,
    now: Callable[[], dt.datetime] = clock.now,
) -> FastAPI:
    """The application serving ``/oauth/*``, ``/.well-known/*`` and ``/api/v1/identity/*``.

    Args:
        settings: of the gateway.
        identity: limits and costs; those of the settings when left out.
        now: the current moment.

    Raises:
        ConfigurationError: a key file is missing.
        ValueError: a signing key is readable by others, or is none.
    """
    app = build_app(SERVICE, settings)
    issuer = open_issuer(settings, identity or settings.identity, now)
    app.state.issuer = issuer
    opened = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(started: FastAPI) -> AsyncIterator[None]:
        async with opened(started):
            # Own tokens are verified with own keys; there is no address to fetch them from before we serve it.
            kernel: Kernel = dataclasses.replace(started.state.kernel, tokens=settings.verifier())
            started.state.kernel = kernel
            every = issuer.settings.revocation_seconds
            async with (
                issuer.revocations.kept_fresh(kernel.database, every=every),
                kept_tidy(kernel.database, now),
            ):
                yield
        issuer.hasher.close()

    app.router.lifespan_context = lifespan
    return app


def is_revoked_of(app: FastAPI) -> IsRevoked:
    """The function by which the edge asks about every request's token; good while the application runs."""
    issuer: Issuer = app.state.issuer
    return issuer.revocations.is_revoked
