"""Idempotency-Key: the same request, sent again, gets the first answer and has no second effect.

The answer is stored in the same transaction as the effect. Refusals are not stored: they had no effect, and asking again
may rightly end otherwise. Keys are the caller's own: two clients never meet, nor do two people behind one client.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text, delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from shared.kernel import clock
from shared.kernel.database.base import KernelBase
from shared.terms.errors import DomainError

HEADER = "Idempotency-Key"
KEPT = dt.timedelta(days=7)
_KEY = re.compile(r"^[\x21-\x7e]{1,255}$")
_KEPT_HEADERS = ("content-type", "location", "etag", "content-language")


class IdempotentAnswer(KernelBase):
    """A stored answer."""

    __tablename__ = "idempotent_answers"

    client: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(SmallInteger)
    headers: Mapped[dict[str, Any]]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now(), index=True)


async def once(
    request: Request, session_of: Callable[[], Awaitable[AsyncSession]], act: Callable[[], Awaitable[Response]]
) -> Response:
    """Runs ``act``, or replays its stored answer.

    Raises:
        DomainError: the key is malformed, was used for another request, or its first request is still running.
    """
    key = request.headers.get(HEADER)
    if request.method != "POST" or key is None or request.state.actor is None:
        return await act()
    if not _KEY.match(key):
        raise DomainError("idempotency.key_invalid")
    # People share the client they log in through; each has keys of their own nonetheless.
    client, session = f"{request.state.actor.client}\n{request.state.actor.subject}", await session_of()
    fingerprint = await _fingerprint(request)
    if not await session.scalar(
        text("select pg_try_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": f"{client}\n{key}"}
    ):
        raise DomainError("idempotency.in_progress")
    stored = await session.get(IdempotentAnswer, (client, key))
    if stored is not None:
        return _replay(stored, fingerprint)
    response = await act()
    await session.execute(
        insert(IdempotentAnswer).values(
            client=client,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            headers={name: value for name, value in response.headers.items() if name in _KEPT_HEADERS},
            body=bytes(response.body),
        )
    )
    return response


def _replay(stored: IdempotentAnswer, fingerprint: str) -> Response:
    if stored.fingerprint != fingerprint:
        raise DomainError("idempotency.key_reused")
    headers = {name: str(value) for name, value in stored.headers.items()}
    return Response(stored.body, stored.status, {**headers, "Idempotency-Replayed": "true"})


async def _fingerprint(request: Request) -> str:
    spooled = getattr(request.state, "spooled", None)
    body = spooled.identity if spooled is not None else hashlib.sha256(await request.body()).hexdigest()
    place = f"{request.method} {request.url.path}?{request.url.query}\n{body}"
    return base64.b64encode(hashlib.sha256(place.encode()).digest()).decode()


async def forget_old_answers(session: AsyncSession) -> int:
    """Deletes answers older than the promised time; returns how many."""
    result = await session.execute(
        delete(IdempotentAnswer).where(IdempotentAnswer.created_at < clock.now() - KEPT).returning(IdempotentAnswer.key)
    )
    return len(result.all())


__all__ = ["HEADER", "IdempotentAnswer", "forget_old_answers", "once"]
