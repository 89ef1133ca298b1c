"""Strong ETags from a version counter or a content hash; If-Match on edits, If-None-Match on reads."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from shared.terms.errors import DomainError


def etag(version: int | str) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def require_match(request: Request, version: int) -> None:
    """Holds an edit to the version its author saw.

    Raises:
        DomainError: ``request.precondition_required`` without If-Match, ``request.precondition_failed`` on another.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise DomainError("request.precondition_required")
    if etag(version) not in {part.strip() for part in given.split(",")} and given.strip() != "*":
        raise DomainError("request.precondition_failed", params={"current": version})


def not_modified(request: Request, tag: str) -> Response | None:
    """A 304 when the caller already has this version."""
    given = {part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")}
    return Response(status_code=304, headers={"ETag": tag}) if tag in given else None
