"""A scheme's document in a request: YAML as it is, or in the member ``document`` of a JSON body."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import ValidationError

from shared.kernel.web.validation import validation_problem
from shared.kits.schemes.schemas import MOST_CHARACTERS, DraftIn
from shared.terms.errors import DomainError

_YAML_TYPES = frozenset({"application/yaml", "text/yaml", "application/x-yaml"})
YAML_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/yaml": {"schema": {"type": "string"}},
            "application/json": {"schema": DraftIn.model_json_schema()},
        },
    }
}


async def document_in(request: Request) -> str:
    """The document of a request.

    Raises:
        DomainError: ``request.unsupported_media``, ``request.too_large``, ``request.malformed``, ``request.invalid``.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {*_YAML_TYPES, "application/json"}:  # before the body, which may have been spooled as a file
        allowed = ", ".join([*sorted(_YAML_TYPES), "application/json"])
        raise DomainError("request.unsupported_media", params={"media_type": media_type or "-", "allowed": allowed})
    body = await _body(request)
    if media_type in _YAML_TYPES:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DomainError("request.malformed", params={"format": "UTF-8"}) from error
    try:
        return DraftIn.model_validate_json(body).document
    except ValidationError as error:
        # As the framework reports bodies: the place first.
        raise validation_problem([{**each, "loc": ("body", *each["loc"])} for each in error.errors()]) from error


async def _body(request: Request) -> bytes:
    limit, parts, size = 4 * MOST_CHARACTERS, [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise DomainError("request.too_large", params={"limit": limit})
        parts.append(chunk)
    return b"".join(parts)
