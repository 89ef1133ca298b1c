"""One request and its answer: what is known of it, and the only way to answer it."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from gateway.edge.headers import API_HEADERS, NO_STORE, PAGE_HEADERS, HeaderList
from shared.kernel.web.problems import MEDIA_TYPE, language_of, problem_document
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

_TAGS = {"zh": b"zh-CN", "en": b"en"}


class Refused(Exception):
    """A refusal with headers of its own, such as ``Retry-After``."""

    def __init__(self, error: DomainError, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(error.code)
        self.error = error
        self.headers = headers


class ClientGone(Exception):
    """The caller closed the connection; there is nobody left to answer."""


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


async def _nobody_there(_: Message) -> None:
    return None


class Exchange:
    """A request on its way through the edge."""

    __slots__ = (
        "actor",
        "address",
        "headers",
        "label",
        "limit_headers",
        "method",
        "path",
        "public_base_url",
        "receive",
        "received_bytes",
        "request_id",
        "scope",
        "sealed",
        "send_raw",
        "sent_bytes",
        "service",
        "started_at",
        "status",
        "traceparent",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, public_base_url: str | None = None) -> None:
        self.scope = scope
        self.receive = receive
        self.send_raw = send
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        # The last of repeated headers counts here; services get them all.
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.public_base_url = public_base_url
        self.request_id = b""
        self.traceparent: bytes | None = None
        self.address = ""
        self.actor: Actor | None = None
        self.service = "gateway"
        self.label = "unmatched"
        self.limit_headers: HeaderList = []
        self.status = 0
        self.sealed = False
        self.received_bytes = 0
        self.sent_bytes = 0
        self.started_at = time.perf_counter()

    @property
    def has_started(self) -> bool:
        """Whether the status line is on its way, so that nothing else can be answered."""
        return self.status != 0

    @property
    def language(self) -> Any:
        """``zh`` or ``en``, as the caller prefers."""
        return language_of(self.headers.get(b"accept-language", b"").decode("latin-1"))

    async def send(self, message: Message) -> None:
        """Sends on an answer's message, completed; drops it when the exchange was answered otherwise meanwhile."""
        if self.sealed:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._completed(message.get("headers") or ())}
        elif message["type"] == "http.response.body":
            self.sent_bytes += len(message.get("body", b""))
        await self.send_raw(message)

    async def answer(self, status: int, body: bytes, headers: HeaderList) -> None:
        """Answers with a whole body, which HEAD leaves out."""
        full = [*headers, (b"content-length", str(len(body)).encode())]
        await self.send({"type": "http.response.start", "status": status, "headers": full})
        await self.send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})

    async def refuse(self, error: DomainError, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        """Answers with a problem and drops whatever an application may still send."""
        if self.has_started or self.sealed:
            self.sealed = True
            return
        language = self.language
        status, document = problem_document(error, language=language, trace_id=self.request_id.decode())
        if self.public_base_url:
            document["type"] = self.public_base_url.rstrip("/") + document["type"]
        extra = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-language", _TAGS[language]),
            (b"vary", b"Accept-Language"),
            NO_STORE,
            *headers,
        ]
        if status == 401:
            challenge = b'Bearer error="invalid_token"' if error.code == "auth.token_invalid" else b"Bearer"
            extra.append((b"www-authenticate", challenge))
        await self.answer(status, json.dumps(document, ensure_ascii=False).encode(), extra)
        self.sealed = True

    def let_go(self) -> None:
        """Drops the server's ends of the connection.

        The server closes it when nobody holds them any more, and an error's traceback may hold this exchange until the
        garbage collector comes by.
        """
        self.receive = _nothing_more
        self.send_raw = _nobody_there

    def _completed(self, given: Sequence[tuple[bytes, bytes]]) -> HeaderList:
        headers = [(name, value) for name, value in given if name != b"x-request-id"]
        present = {name for name, _ in headers}
        is_page = any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
        headers += [
            header
            for header in (PAGE_HEADERS if is_page and self.service == "gateway" else API_HEADERS)
            if header[0] not in present
        ]
        if self.path.startswith("/api/v1/") and b"cache-control" not in present:
            headers.append(NO_STORE)
        headers.append((b"x-request-id", self.request_id))
        if self.traceparent is not None and b"traceparent" not in present:
            headers.append((b"traceparent", self.traceparent))
        headers += self.limit_headers
        return headers
