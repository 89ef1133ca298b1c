"""The request of the token and revocation endpoints: a small form, and perhaps HTTP Basic (RFC 6749, 2.3.1)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request

from gateway.identity.tokens.errors import OAuthError

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_BYTES = 8_192
_MAX_FIELDS = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


async def read_form(request: Request) -> Mapping[str, str]:
    """The form's fields; empty ones count as absent.

    Raises:
        OAuthError: ``invalid_request`` when it is no such form, too large, or repeats a field.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise OAuthError("invalid_request", reason=f"the body must be {MEDIA_TYPE}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            raise OAuthError("invalid_request", reason=f"the body is larger than {MAX_BYTES} bytes")
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise OAuthError("invalid_request", reason="the form cannot be read as UTF-8 fields") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthError("invalid_request", reason="a parameter is repeated")
    if any(_CONTROL.search(text) for pair in pairs for text in pair):
        raise OAuthError("invalid_request", reason="a parameter holds control characters")
    return {name: value for name, value in fields.items() if value}


def required(form: Mapping[str, str], name: str) -> str:
    """A field that must be there; raises OAuthError ``invalid_request``."""
    if name not in form:
        raise OAuthError("invalid_request", reason=f"the parameter {name} is missing")
    return form[name]


def client_credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str] | None:
    """Client id and secret from the header or the form; ``None`` when no secret was sent.

    Raises:
        OAuthError: ``invalid_request`` when both ways are used at once, ``invalid_client`` when the header is broken.
    """
    header = request.headers.get("authorization")
    if header is None:
        return (required(form, "client_id"), form["client_secret"]) if "client_secret" in form else None
    if "client_secret" in form:
        raise OAuthError("invalid_request", reason="the client is authenticated in two ways at once")
    scheme, _, encoded = header.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError("not Basic")
        name, separator, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
        name, secret = unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
    except (ValueError, binascii.Error):
        raise OAuthError("invalid_client") from None
    if not separator or _CONTROL.search(name + secret):
        raise OAuthError("invalid_client")
    if form.get("client_id", name) != name:
        raise OAuthError("invalid_request", reason="client_id is not that of the Authorization header")
    return name, secret
