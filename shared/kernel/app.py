"""The app factory: a service is a name, its routers, its permissions, its settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncSession

from shared.kernel.context import Kernel
from shared.kernel.database.engine import Database
from shared.kernel.identity.jwks import KeySource, TokenVerifier
from shared.kernel.jobs.worker import JobKind
from shared.kernel.metrics import MetricsMiddleware
from shared.kernel.settings import ServiceSettings
from shared.kernel.store.blobs import BlobStore
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.sweep import KernelSweep, Sweep
from shared.kernel.virus_scan import VirusScanner
from shared.kernel.web.health import health_router
from shared.kernel.web.permissions import Permissions
from shared.kernel.web.problems import install_problem_handlers
from shared.kernel.web.request_id import RequestIdMiddleware
from shared.terms.problem_catalogue import catalogue


@dataclass(frozen=True, slots=True)
class Service:
    """What a service is made of; each service has one, in its ``app.py``."""

    name: str
    title: str
    settings: type[ServiceSettings]
    permissions: Permissions
    routers: Sequence[APIRouter]
    jobs: Sequence[JobKind]
    metadata: MetaData
    migrations: Path
    #: The service's name in addresses, where it is not its own name.
    slug: str | None = None
    #: Added to ``info`` of the OpenAPI document, from where the gateway's discovery document takes it.
    facts: Mapping[str, Any] = field(default_factory=dict)
    #: Content names of the columnar store's files that the database names; all others are swept.
    named_files: Callable[[AsyncSession], Awaitable[Collection[str]]] | None = None
    #: Further clearing away, beside what every service clears.
    sweeps: Sequence[Sweep | KernelSweep] = ()
    #: Routers whose addresses are fixed by a standard and stand outside the prefix.
    root_routers: Sequence[APIRouter] = ()

    @property
    def prefix(self) -> str:
        """Where its routes begin, at the gateway and at the service alike."""
        return f"/api/v1/{self.slug or self.name.replace('_', '-')}"


def open_kernel(service: Service, settings: ServiceSettings) -> Kernel:
    """Opens what a process of the service holds; close its database when done."""
    return Kernel(
        service=service.name,
        settings=settings,
        database=Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size),
        store=ColumnarStore(settings.store_url) if settings.store_url else None,
        tokens=TokenVerifier(KeySource.at(settings.jwks), issuer=settings.issuer, audience=settings.audience),
        blobs=_blobs(settings),
        scanner=VirusScanner(settings.virus_scanner) if settings.virus_scanner else None,
    )


def _blobs(settings: ServiceSettings) -> BlobStore | None:
    """Beside the columnar store unless set elsewhere: neither sweeps the other's files."""
    beside = f"{settings.store_url.rstrip('/')}-files" if settings.store_url else None
    url = settings.blob_url or beside
    return BlobStore(url) if url else None


def build_app(service: Service, settings: ServiceSettings) -> FastAPI:
    """The service's FastAPI application."""
    catalogue()  # read now: a catalogue that cannot be read must stop the start, not the first refusal

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        kernel = open_kernel(service, settings)
        app.state.kernel = kernel
        try:
            yield
        finally:
            await kernel.database.close()

    app = FastAPI(
        title=service.title,
        version="1.0.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        generate_unique_id_function=lambda route: f"{service.name}_{route.name}",
    )
    _tell_facts(app, service.facts)
    install_problem_handlers(app)
    app.include_router(health_router())
    for router in service.root_routers:
        app.include_router(router)
    for router in service.routers:
        app.include_router(router, prefix=service.prefix)
    app.add_middleware(MetricsMiddleware, service=service.name)
    app.add_middleware(RequestIdMiddleware)
    return app


def _tell_created(responses: dict[str, Any]) -> None:
    """A PUT at a natural key answers 201 for what is new, with the same body."""
    if "200" in responses:
        responses.setdefault("201", {**responses["200"], "description": "新建 / created"})


def _tell_facts(app: FastAPI, facts: Mapping[str, Any]) -> None:
    written = app.openapi

    def openapi() -> dict[str, Any]:
        document = written()
        document["info"].update(facts)
        for operations in document["paths"].values():
            _tell_created(operations.get("put", {}).get("responses", {}))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document
