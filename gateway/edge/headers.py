"""Headers at the border: what comes in is filtered, what goes out is completed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

HeaderList = list[tuple[bytes, bytes]]
Network = IPv4Network | IPv6Network

#: Meaningful between two neighbors only (RFC 9110, 7.6.1).
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# Headers by which a neighbor could claim who is asking or from where; the edge writes its own.
_CLAIMS = re.compile(
    rb"^(forwarded|via|x-forwarded(-.*)?|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-connecting-ip"
    rb"|x-original-.*|x-rewrite-.*|x-http-method(-override)?|x-method-override"
    rb"|(x-)?(remote|auth|authenticated|forwarded)-(user|groups?|email|roles?|client|org|actor|subject|scopes?).*"
    rb"|x-(user|actor|subject|client|roles?|scopes?|org|tenant|identity|principal|internal|gateway|auth)(-.*)?)$"
)
_SANE_REQUEST_ID = re.compile(rb"^[\x21-\x7e]{1,128}$")
_TRACEPARENT = re.compile(rb"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


@lru_cache(maxsize=2_048)
def passes_inward(name: bytes) -> bool:
    """Whether a request header may reach a service.

    A name with an underscore does not: some servers read ``X_Forwarded_For`` as ``X-Forwarded-For``.
    """
    return name not in HOP_BY_HOP and name not in _OWN and b"_" not in name and not _CLAIMS.match(name)


_OWN = frozenset({b"x-request-id", b"expect", b"host"})


def inward_headers(headers: Iterable[tuple[bytes, bytes]], request_id: bytes) -> HeaderList:
    """The caller's headers as a service may see them, with the request's id; ``Host`` is left to the transport."""
    headers = list(headers)
    named = _named_by_connection(headers)
    kept = [(name, value) for name, value in headers if passes_inward(name) and (not named or name not in named)]
    kept.append((b"x-request-id", request_id))
    return kept


def outward_headers(headers: Iterable[tuple[bytes, bytes]]) -> HeaderList:
    """A service's answer headers without those meant for us only."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = HOP_BY_HOP | {b"server", b"date"} | _named_by_connection(lowered)
    return [(name, value) for name, value in lowered if name not in dropped]


def _named_by_connection(headers: Sequence[tuple[bytes, bytes]]) -> frozenset[bytes]:
    named = [value for name, value in headers if name == b"connection"]
    if not named:
        return frozenset()
    # Nobody may have us drop what decides about access or framing by naming it here.
    return frozenset(part.strip().lower() for value in named for part in value.split(b",")) - {
        b"authorization",
        b"content-length",
        b"host",
    }


def request_id_from(given: bytes | None) -> bytes:
    """The caller's request id when sane, else a new one."""
    return given if given and _SANE_REQUEST_ID.match(given) else str(uuid.uuid4()).encode()


def sane_traceparent(given: bytes | None) -> bytes | None:
    """A W3C ``traceparent`` of the known shape, else ``None``."""
    return given if given and _TRACEPARENT.match(given) else None


def client_address(peer: str, forwarded_for: bytes | None, trusted: Sequence[Network]) -> str:
    """Who is really calling: the last address of ``X-Forwarded-For`` that is no trusted proxy of ours."""
    address = peer
    hops = forwarded_for.decode("latin-1").split(",") if forwarded_for else []
    while hops and is_trusted(address, trusted):
        hop = hops.pop().strip()
        try:
            address = str(ip_address(hop))
        except ValueError:
            break
    return address


@lru_cache(maxsize=4_096)
def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    """Whether an address belongs to a configured proxy."""
    return bool(trusted) and _is_in(address, tuple(trusted))


@lru_cache(maxsize=4_096)
def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


API_HEADERS: HeaderList = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
PAGE_HEADERS: HeaderList = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
]
NO_STORE = (b"cache-control", b"no-store")
