"""What a running service holds: one object, made by the app factory and the worker, passed on, never global."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request

from shared.kernel.database.engine import Database
from shared.kernel.identity.jwks import TokenVerifier
from shared.kernel.settings import ServiceSettings
from shared.kernel.store.blobs import BlobStore
from shared.kernel.store.columnar import ColumnarStore
from shared.kernel.virus_scan import VirusScanner
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


@dataclass(frozen=True, slots=True)
class Kernel:
    """The service's name, settings and open resources."""

    service: str
    settings: ServiceSettings
    database: Database
    store: ColumnarStore | None
    tokens: TokenVerifier
    blobs: BlobStore | None = None
    scanner: VirusScanner | None = None

    async def authenticate(self, request: Request) -> Actor | None:
        """The actor of a request's Bearer token; ``None`` without one.

        Raises:
            DomainError: ``auth.token_invalid`` when a token is there but does not verify.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return None
        if scheme.lower() != "bearer":
            raise DomainError("auth.token_invalid", params={"reason": "scheme"})
        return (await self.tokens.verify(token.strip())).actor

    @property
    def columns(self) -> ColumnarStore:
        """The columnar store of a service that has one."""
        if self.store is None:
            raise RuntimeError(f"{self.service} has no columnar store: STORE_URL is not set")
        return self.store

    @property
    def files(self) -> BlobStore:
        """The blob store of a service that takes files from people."""
        if self.blobs is None:
            raise RuntimeError(f"{self.service} has no blob store: neither BLOB_URL nor STORE_URL is set")
        return self.blobs


def kernel_of(request: Request) -> Kernel:
    """The kernel of the application that serves this request."""
    kernel: Kernel = request.app.state.kernel
    return kernel
