"""The route table: a prefix decides which service answers and whether a token is needed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

API = "/api/v1/"
_DOT_SEGMENT = re.compile(r"(^|/)\.{1,2}(/|$)")
#: Collections whose names begin so are for everybody: notices, answers to surveys.
PUBLIC_COLLECTION = "public-"
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_COLLECTION = re.compile(r"^[a-z][a-z0-9-]{0,40}$")
_LEARNED_AT_MOST = 200


class RouteKind(StrEnum):
    """Who answers a path."""

    SERVICE = "service"
    IDENTITY = "identity"
    PAGE = "page"
    HEALTH = "health"
    METRICS = "metrics"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Route:
    """What a path leads to."""

    kind: RouteKind
    service: str
    needs_token: bool


_PAGES = Route(RouteKind.PAGE, "gateway", needs_token=False)
_HEALTH = Route(RouteKind.HEALTH, "gateway", needs_token=False)
_METRICS = Route(RouteKind.METRICS, "gateway", needs_token=False)
_IDENTITY = Route(RouteKind.IDENTITY, "identity", needs_token=False)
_IDENTITY_API = Route(RouteKind.IDENTITY, "identity", needs_token=True)
_UNKNOWN = Route(RouteKind.UNKNOWN, "gateway", needs_token=False)
_UNKNOWN_SERVICE = Route(RouteKind.UNKNOWN, "gateway", needs_token=True)


class RouteTable:
    """Prefixes of the services, fixed at start."""

    def __init__(self, services: Iterable[str]) -> None:
        self._services = {name.replace("_", "-"): Route(RouteKind.SERVICE, name, needs_token=True) for name in services}
        self._collections: dict[str, set[str]] = {name: set() for name in self._services}

    def match(self, path: str) -> Route:
        """The route of a decoded path."""
        if path.startswith(API):
            segment = path[len(API) :].partition("/")[0]
            if segment == "identity":
                return _IDENTITY_API
            route = self._services.get(segment, _UNKNOWN_SERVICE)
            is_public = path.startswith(f"{API}{segment}/{PUBLIC_COLLECTION}")
            return replace(route, needs_token=False) if is_public else route
        if path.startswith(("/oauth/", "/.well-known/")):
            return _IDENTITY
        if path in ("/health/live", "/health/ready"):
            return _HEALTH
        if path == "/metrics":
            return _METRICS
        is_page = path in ("/", "/api", "/problems") or path.startswith(("/api/docs", "/api/openapi", "/problems/"))
        return _PAGES if is_page else _UNKNOWN

    def label(self, path: str, route: Route, status: int) -> str:
        """A path shortened to what may stand in a log: service and collection, never a key or a name.

        A collection's name is believed once a request under it has succeeded; until then anything could be in its
        place, a pupil's name included.
        """
        if route.kind is not RouteKind.SERVICE:
            return _label_of_own(path, route)
        service, _, rest = path[len(API) :].partition("/")
        collection = rest.partition("/")[0].partition(":")[0]
        known = self._collections[service]
        if status < 400 and len(known) < _LEARNED_AT_MOST and _COLLECTION.match(collection):
            known.add(collection)
        return f"{API}{service}/{collection}" if collection in known else f"{API}{service}"


def _label_of_own(path: str, route: Route) -> str:
    match route.kind:
        case RouteKind.IDENTITY:
            return "/api/v1/identity" if path.startswith(API) else f"/{path.split('/')[1]}"
        case RouteKind.PAGE:
            return "/" + path.split("/")[1].partition(".")[0]
        case RouteKind.HEALTH | RouteKind.METRICS:
            return path
        case _:
            return "unmatched"


def is_safe_path(path: str, raw_path: bytes) -> bool:
    """Whether gateway and service are sure to understand a path alike: no dot segments, controls or backslashes."""
    return (
        path.startswith("/")
        and raw_path.startswith(b"/")
        and raw_path.isascii()
        and not _UNSAFE.search(path)
        and not ("." in path and _DOT_SEGMENT.search(path))
    )
