"""A running service in this process, and a client to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from shared.kernel.app import Service, build_app
from shared.kernel.settings import ServiceSettings


@asynccontextmanager
async def running(service: Service, settings: ServiceSettings) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The service's application, started, with a client whose base address is the service's prefix."""
    app = build_app(service, settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://service{service.prefix}") as client:
            yield app, client
