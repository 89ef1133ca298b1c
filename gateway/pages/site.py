"""Every page by its path."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from gateway.edge.upstream import Upstream
from gateway.pages.about import About
from gateway.pages.discovery import discovery_document
from gateway.pages.docs import guide_page, service_page
from gateway.pages.documents import Documents
from gateway.pages.openapi import join_documents
from gateway.pages.page import Page, asset_page, conditional, html_page, json_page, redirect
from gateway.pages.problems import problem_entry, problem_index, problem_page, problems_page

_STATIC = Path(__file__).parent / "static"


class Site:
    """The gateway's own pages.

    Args:
        about: versions and addresses.
        services: whose documents are joined.
        identity: its document is joined too, when it has one.
    """

    def __init__(self, about: About, *, services: Mapping[str, Upstream], identity: Upstream) -> None:
        self._about = about
        self._services = tuple(services)
        self._documents = Documents({**services, "identity": identity})
        self._fixed: dict[str, Callable[[], Awaitable[Page]]] = {
            "/api": self._discovery,
            "/api/openapi.json": self._joined,
            "/api/docs": self._guide,
        }
        self._assets = {
            "/api/docs/style.css": asset_page((_STATIC / "style.css").read_bytes(), "text/css; charset=utf-8"),
            "/api/docs/search.js": asset_page((_STATIC / "search.js").read_bytes(), "text/javascript; charset=utf-8"),
        }
        self._rendered: dict[str, tuple[tuple[Any, ...], Page | None]] = {}

    async def page(self, path: str, headers: Mapping[bytes, bytes]) -> Page | None:
        """The page at a path, 304 when the caller holds it, ``None`` when there is none."""
        page = await self._find(path, wants_json="application/json" in _accept(headers))
        return conditional(page, headers) if page is not None else None

    async def _find(self, path: str, *, wants_json: bool) -> Page | None:
        if path in ("/", "/api/docs/"):
            return redirect("/api/docs")
        if path in self._fixed:
            return await self._fixed[path]()
        if path in self._assets:
            return self._assets[path]
        if path == "/problems" or path.startswith("/problems/"):
            return _problem(path.removeprefix("/problems").strip("/"), wants_json=wants_json)
        if path.startswith("/api/openapi/") and path.endswith(".json"):
            return await self._one(path.removeprefix("/api/openapi/").removesuffix(".json"))
        if path.startswith("/api/docs/"):
            return await self._service(path.removeprefix("/api/docs/"))
        return None

    async def _discovery(self) -> Page:
        documents = await self._documents.all()
        return json_page(discovery_document(self._about, {name: documents[name] for name in self._services}))

    async def _joined(self) -> Page:
        present = await self._present()
        return await self._render("joined", present, lambda: json_page(join_documents(self._about, present)))

    async def _one(self, name: str) -> Page | None:
        document = await self._documents.of(name) if name in self._documents.names else None
        if document is None:
            return None
        documents = {name: document}
        return await self._render(
            f"openapi {name}", documents, lambda: json_page(join_documents(self._about, documents))
        )

    async def _guide(self) -> Page:
        present = await self._present()
        missing = sorted(set(self._services) - set(present))
        key = f"guide {missing}"
        return await self._render(
            key, present, lambda: html_page(guide_page(self._about, join_documents(self._about, present), missing))
        )

    async def _service(self, name: str) -> Page | None:
        present = await self._present()
        if name not in present:
            return None
        only = {name: present[name]}
        names = tuple(present)
        return await self._render(
            f"docs {name} {names}",
            only,
            lambda: html_page(service_page(self._about, join_documents(self._about, only), name, names)),
        )

    async def _present(self) -> dict[str, dict[str, Any]]:
        documents = await self._documents.all()
        return {name: document for name, document in documents.items() if document is not None}

    async def _render(self, key: str, documents: Mapping[str, Any], make: Callable[[], Page]) -> Page:
        """Renders once per set of documents, off the event loop: a large API takes a tenth of a second."""
        sources = tuple(documents.values())
        kept, page = self._rendered.get(key, ((), None))
        if page is None or len(kept) != len(sources) or any(a is not b for a, b in zip(kept, sources, strict=True)):
            page = await asyncio.to_thread(make)
            self._rendered[key] = (sources, page)
        return page


def _problem(code: str, *, wants_json: bool) -> Page | None:
    if not code:
        return json_page(problem_index()) if wants_json else html_page(problems_page())
    entry = problem_entry(code)
    if entry is None:
        return None
    return json_page(entry) if wants_json else html_page(problem_page(code))


def _accept(headers: Mapping[bytes, bytes]) -> str:
    accept = headers.get(b"accept", b"").decode("latin-1").lower()
    return "" if "text/html" in accept else accept
