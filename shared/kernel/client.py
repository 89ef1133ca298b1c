"""The one client that services use to call each other: through the gateway, as any machine would.

It gets its token with client credentials, keeps it until shortly before it ends, waits when told to wait, and turns a
gateway that cannot answer into the same refusal that callers of our own API get.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import hashlib
import random
import time
from collections.abc import AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Self

import httpx

from shared.kernel import clock
from shared.kernel.logging import logger
from shared.kernel.settings import ConfigurationError, ServiceSettings
from shared.kernel.web.paging import MAX_PAGE
from shared.terms.errors import DomainError

ATTEMPTS = 4
LONGEST_WAIT_SECONDS = 30.0
FIRST_WAIT_SECONDS = 0.25
#: A token this close to its end is replaced before it is used.
TOKEN_MARGIN_SECONDS = 30.0
_AGAIN = frozenset({429, 502, 503, 504})
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class RemoteRefusalError(Exception):
    """A sibling refused the request for a reason that trying again does not mend.

    Args:
        status: HTTP status.
        document: problem document as received; empty when there was none.
    """

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = dict(document)
        self.code = str(self.document.get("code", "unknown"))
        super().__init__(f"{status} {self.code}")


class GatewayClient:
    """Calls one gateway with one client's credentials. Use it as an async context manager.

    Args:
        base_url: address of the gateway.
        client_id: OAuth client id.
        client_secret: its secret.
        scope: scopes to ask for, separated by blanks; the client's own when ``None``.
        timeout: seconds to wait for an answer to begin.
        transport: how requests travel, when not over the network.
    """

    def __init__(
        self,
        base_url: str,
        *,
        client_id: str,
        client_secret: str,
        scope: str | None = None,
        timeout: float = 60.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx.AsyncClient(
            base_url=base_url, timeout=httpx.Timeout(timeout, connect=10.0), transport=transport
        )
        self._credentials = httpx.BasicAuth(client_id, client_secret)
        self._scope = scope
        self._token: str | None = None
        self._token_ends = 0.0
        self._token_turn = asyncio.Lock()
        self._callers_token: str | None = None

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """The client a service is configured with; raises ``ConfigurationError`` when it is not."""
        prefix = str(type(settings).model_config.get("env_prefix", ""))
        missing = [name for name in ("gateway_url", "client_id") if getattr(settings, name) is None]
        if settings.gateway_url is None or settings.client_id is None:
            names = ", ".join(f"{prefix}{name.upper()}" for name in missing)
            raise ConfigurationError(f"calls to other services need {names}")
        secret = settings.secret("client_secret")
        return cls(settings.gateway_url, client_id=settings.client_id, client_secret=secret)

    @classmethod
    def for_caller(cls, settings: ServiceSettings, token: str) -> Self:
        """The client with the caller's own token, so that a sibling shows what the caller may see and no more.

        A token that has ended is refused as the caller's own request would be; it is never replaced by the service's.
        """
        client = cls.of(settings)
        client._callers_token = token
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def request(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Sends a request and returns its answer, below 400.

        Waits and tries again when the gateway is busy or away: always before a request was received, and afterwards
        for methods that may be repeated or that carry an ``Idempotency-Key``.

        Raises:
            DomainError: ``server.unavailable`` when all attempts failed.
            RemoteRefusalError: any other answer from 400 up.
        """
        for attempt in range(ATTEMPTS):
            response = await self._attempt(method, path, dict(headers or {}), options)
            if response is not None and response.status_code not in _AGAIN:
                return _accepted(response)
            may_repeat = method in _REPEATABLE or "Idempotency-Key" in (headers or {})
            was_refused = response is None or response.status_code in (429, 503)
            if attempt + 1 == ATTEMPTS or not (may_repeat or was_refused):
                break
            wait = _wait_seconds(response, attempt)
            logger.warning("client.waits", path=path, seconds=round(wait, 2), attempt=attempt + 1)
            await asyncio.sleep(wait)
        raise DomainError("server.unavailable", params={"what": path})

    async def _attempt(
        self, method: str, path: str, headers: dict[str, str], options: Mapping[str, Any]
    ) -> httpx.Response | None:
        """One attempt; ``None`` when the request never arrived."""
        response: httpx.Response | None = None
        for is_fresh in (False, True):
            token = await self._access_token(renew=is_fresh)
            if token is None:
                return None
            try:
                response = await self._http.request(
                    method, path, headers={**headers, "Authorization": f"Bearer {token}"}, **options
                )
            except httpx.ConnectError:
                return None
            except httpx.TransportError as error:
                if method in _REPEATABLE or "Idempotency-Key" in headers:
                    return None
                raise DomainError("server.unavailable", params={"what": path}) from error
            if response.status_code != httpx.codes.UNAUTHORIZED:
                break
        return response

    async def _access_token(self, *, renew: bool) -> str | None:
        """A token that still holds; ``None`` when the token endpoint cannot be reached now."""
        if self._callers_token is not None:
            return self._callers_token
        stale = self._token
        async with self._token_turn:
            is_others_new = renew and self._token is not stale
            if self._token is not None and time.monotonic() < self._token_ends and (not renew or is_others_new):
                return self._token
            form = {"grant_type": "client_credentials", **({"scope": self._scope} if self._scope else {})}
            try:
                answer = await self._http.post("/oauth/token", data=form, auth=self._credentials)
            except httpx.TransportError:
                return None
            if answer.status_code in _AGAIN:
                return None
            granted = _accepted(answer).json()
            lifetime = float(granted.get("expires_in", 0))
            self._token = str(granted["access_token"])
            self._token_ends = time.monotonic() + max(lifetime - TOKEN_MARGIN_SECONDS, lifetime / 2)
            return self._token

    async def items(self, path: str, params: Mapping[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        """Every item of a collection, page after page."""
        query = {name: value for name, value in (params or {}).items() if value is not None}
        cursor: str | None = None
        while True:
            page = {**query, "page_size": MAX_PAGE, **({"cursor": cursor} if cursor else {})}
            content = (await self.request("GET", path, params=page)).json()
            for item in content["items"]:
                yield item
            cursor = content["next_cursor"]
            if cursor is None:
                return

    async def download(self, path: str, params: Mapping[str, Any] | None = None) -> bytes:
        """A file whose ETag is the SHA-256 of its bytes.

        Raises:
            DomainError: ``server.unavailable`` when what arrived is not what was sent.
        """
        query = {name: value for name, value in (params or {}).items() if value is not None}
        response = await self.request("GET", path, params=query)
        if response.headers.get("etag", "").strip('"') != hashlib.sha256(response.content).hexdigest():
            raise DomainError("server.unavailable", params={"what": path})
        return response.content


def _accepted(response: httpx.Response) -> httpx.Response:
    if response.status_code < httpx.codes.BAD_REQUEST:
        return response
    try:
        document = response.json()
    except ValueError:
        document = {}
    raise RemoteRefusalError(response.status_code, document if isinstance(document, dict) else {})


def _wait_seconds(response: httpx.Response | None, attempt: int) -> float:
    """As long as Retry-After says, else doubling with some chance in it; never longer than half a minute."""
    told = response.headers.get("retry-after") if response is not None else None
    backoff: float = FIRST_WAIT_SECONDS * 2**attempt * (0.5 + random.random())  # noqa: S311 - not a secret
    return min(max(_retry_after(told, otherwise=backoff), 0.0), LONGEST_WAIT_SECONDS)


def _retry_after(told: str | None, *, otherwise: float) -> float:
    if told is None:
        return otherwise
    if told.isdecimal():
        return float(told)
    try:
        moment = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return otherwise
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (aware - clock.now()).total_seconds()
