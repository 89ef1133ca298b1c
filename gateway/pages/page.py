"""A finished page: status, headers, bytes, with its ETag."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

HeaderList = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Page:
    """What the site answers."""

    status: int
    body: bytes
    headers: HeaderList = field(default_factory=list)


def json_page(document: object, *, media_type: str = "application/json") -> Page:
    """A JSON document as a page."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return _tagged(body, media_type)


def html_page(markup: str) -> Page:
    """An HTML document as a page."""
    return _tagged(markup.encode(), "text/html; charset=utf-8")


def asset_page(body: bytes, media_type: str) -> Page:
    """A style sheet or script as a page."""
    return _tagged(body, media_type)


def redirect(location: str) -> Page:
    """A temporary redirect."""
    return Page(302, b"", [(b"location", location.encode())])


def conditional(page: Page, headers: Mapping[bytes, bytes]) -> Page:
    """The page, or 304 without a body when the caller holds it already."""
    tag = dict(page.headers).get(b"etag")
    wanted = headers.get(b"if-none-match", b"")
    held = {part.strip().removeprefix(b"W/") for part in wanted.split(b",")}
    if page.status == 200 and tag is not None and (tag in held or b"*" in held):
        return Page(304, b"", [(name, value) for name, value in page.headers if name != b"content-type"])
    return page


def _tagged(body: bytes, media_type: str) -> Page:
    tag = hashlib.sha256(body).hexdigest()[:32]
    headers = [
        (b"content-type", media_type.encode()),
        (b"etag", f'"{tag}"'.encode()),
        (b"cache-control", b"no-cache"),
        (b"vary", b"Accept, Accept-Language"),
    ]
    return Page(200, body, headers)
