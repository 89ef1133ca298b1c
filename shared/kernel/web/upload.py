"""Uploaded files: spooled to disk before any transaction opens, so that slow senders hold no connection."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from shared.kernel.settings import ServiceSettings
from shared.terms.errors import DomainError, Fault

#: Media types of files that services accept, by the format each names.
FILE_TYPES = {
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.apache.parquet": "parquet",
    "application/x-ndjson": "ndjson",
}
#: Bytes of a form beyond its file: boundaries, headers and the other fields.
_FORM_SLACK = 64 * 2**10
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class SpooledFile:
    """A received body: where it lies until the request ends, its size, SHA-256 and declared format.

    A file of any type (:class:`AnyFile`) also has the name its sender gave it, and the other fields of its form.
    """

    path: Path
    size: int
    sha256: str
    format: str
    name: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """What makes this upload the same as another: its content, and what was said about it."""
        if self.name is None and not self.fields:
            return self.sha256
        return hashlib.sha256(repr((self.sha256, self.name, sorted(self.fields.items()))).encode()).hexdigest()


class AnyFile:
    """Dependency of a route that takes one file, whatever it is.

    It may be the body itself, named by the request's ``Content-Disposition: attachment; filename*=UTF-8''...`` (a name can
    be personal and does not belong into an address), or the part ``file`` of a ``multipart/form-data`` form.

    Args:
        max_bytes: the largest file.
        fields: further fields that a form may have.
    """

    def __init__(self, *, max_bytes: int, fields: Collection[str] = ()) -> None:
        self.max_bytes = max_bytes
        self.fields = frozenset(fields)

    async def __call__(self, request: Request) -> SpooledFile:
        spooled: SpooledFile = request.state.spooled
        return spooled


@asynccontextmanager
async def spooled_request(
    request: Request, settings: ServiceSettings, any_file: AnyFile | None = None
) -> AsyncIterator[None]:
    """Spools the body when it is a file; other bodies are left to the framework.

    Raises:
        DomainError: ``request.too_large``; for a route that takes any file also ``auth.token_missing``,
            ``request.malformed``, ``request.invalid``.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = FILE_TYPES.get(media_type)
    if (kind is None and any_file is None) or request.method not in ("POST", "PUT", "PATCH"):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="upload-") as folder:
        if any_file is not None:
            path = Path(folder) / "body"
            request.state.spooled = await _spool_any(request, path, any_file, media_type)
        else:
            path = Path(folder) / f"body.{kind}"
            chunks = _limited(request, settings.max_upload_bytes)
            request.state.spooled = await _spool(chunks, path, str(kind))
        yield


def any_file_of(dependant: Dependant) -> AnyFile | None:
    """The :class:`AnyFile` among a route's dependencies."""
    if isinstance(dependant.call, AnyFile):
        return dependant.call
    return next((found for inner in dependant.dependencies if (found := any_file_of(inner))), None)


async def _limited(request: Request, limit: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise DomainError("request.too_large", params={"limit": limit})
        yield chunk


async def _spool(chunks: AsyncIterator[bytes], path: Path, kind: str, name: str | None = None) -> SpooledFile:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            digest.update(chunk)
            file.write(chunk)
    return SpooledFile(path, size, digest.hexdigest(), kind, name)


async def _spool_any(request: Request, path: Path, any_file: AnyFile, media_type: str) -> SpooledFile:
    if request.state.actor is None:  # nobody unknown fills our disk
        raise DomainError("auth.token_missing")
    if media_type != "multipart/form-data":
        name = _disposition_name(request.headers.get("content-disposition"))
        return await _spool(_limited(request, any_file.max_bytes), path, "any", name)
    chunks = _limited(request, any_file.max_bytes + _FORM_SLACK)
    parser = MultiPartParser(request.headers, chunks, max_files=1, max_fields=8, max_part_size=16 * 2**10)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise DomainError("request.malformed", params={"format": "multipart/form-data"}) from error
    try:
        return await _from_form(dict(form.multi_items()), path, any_file)
    finally:
        await form.close()


async def _from_form(members: Mapping[str, Any], path: Path, any_file: AnyFile) -> SpooledFile:
    sent = members.get("file")
    faults = [Fault("field.unknown", pointer=f"/{name}") for name in sorted(set(members) - any_file.fields - {"file"})]
    if not isinstance(sent, UploadFile):
        faults.append(Fault("field.missing", pointer="/file"))
    texts = {name: value for name, value in members.items() if isinstance(value, str)}
    faults += [Fault("field.not_text", pointer=f"/{name}") for name in members if name in any_file.fields - set(texts)]
    if faults or not isinstance(sent, UploadFile):
        raise DomainError("request.invalid", faults=faults)
    if (sent.size or 0) > any_file.max_bytes:
        raise DomainError("request.too_large", params={"limit": any_file.max_bytes})
    spooled = await _spool(_chunks(sent), path, "any", sent.filename or None)
    return SpooledFile(spooled.path, spooled.size, spooled.sha256, "any", spooled.name, texts)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


def _disposition_name(header: str | None) -> str | None:
    """The file name of a Content-Disposition; ``filename*`` in UTF-8, or ``filename`` percent-encoded or plain."""
    if header is None:
        return None
    message = Message()
    message["Content-Disposition"] = header
    name = message.get_filename()
    return unquote(name) if name else None


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
