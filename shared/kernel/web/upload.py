"""Uploaded files: spooled to disk before any transaction opens, so that slow senders hold no connection."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from shared.kernel.settings import ServiceSettings
from shared.terms.errors import DomainError

#: Media types of files that services accept, by the format each names.
FILE_TYPES = {
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.apache.parquet": "parquet",
    "application/x-ndjson": "ndjson",
}


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A received body: where it lies until the request ends, its size, SHA-256 and declared format."""

    path: Path
    size: int
    sha256: str
    format: str


@asynccontextmanager
async def spooled_request(request: Request, settings: ServiceSettings) -> AsyncIterator[None]:
    """Spools the body when it is a file; other bodies are left to the framework.

    Raises:
        DomainError: ``request.too_large``.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = FILE_TYPES.get(media_type)
    if kind is None or request.method not in ("POST", "PUT", "PATCH"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        request.state.spooled = await _spool(request, Path(folder) / f"body.{kind}", kind, settings.max_upload_bytes)
        yield


async def _spool(request: Request, path: Path, kind: str, limit: int) -> SpooledFile:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise DomainError("request.too_large", params={"limit": limit})
            digest.update(chunk)
            file.write(chunk)
    return SpooledFile(path, size, digest.hexdigest(), kind)


async def _uploaded(request: Request) -> SpooledFile:
    spooled: SpooledFile | None = getattr(request.state, "spooled", None)
    if spooled is None:
        media_type = request.headers.get("content-type", "")
        raise DomainError(
            "request.unsupported_media", params={"media_type": media_type or "-", "allowed": ", ".join(FILE_TYPES)}
        )
    return spooled


#: The file an endpoint received.
UploadedFile = Annotated[SpooledFile, Depends(_uploaded)]
